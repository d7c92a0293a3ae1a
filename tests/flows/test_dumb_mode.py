"""Dumb mode through SCIM 2.0: people go onward to the targets and are stored nowhere here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from idp.models import OutboundConnector, SearchValue, Tenant, User
from provisioning.models import Job, PassingEntity, State
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("onward")]
Step = Callable[[], None]

KIM: dict[str, Any] = {
    "userName": "kim",
    "externalId": "hr-1",
    "name": {"givenName": "Kim", "familyName": "Lee"},
    "title": "Lead",
    "emails": [{"value": "kim@example.org", "type": "work", "primary": True}],
}


def stored_words() -> str:
    """Every value in every text or binary column of the database."""
    words = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 names of our own tables
            for row in cursor.fetchall():
                values = (bytes(v) if isinstance(v, memoryview) else v for v in row)
                words += [repr(value) for value in values]
    return " ".join(words)


def test_a_person_lives_at_the_target_and_nowhere_here(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    made = scim("POST", "/Users", {**KIM, "password": "a-new-secret-1"})
    assert made.status == 201, made.body
    assert made.headers["Provisioning-Outcome"].startswith("partner/scim2=queued")
    assert not User.objects.exists()
    assert not SearchValue.objects.exists()
    told = stored_words()
    assert "kim@example.org" not in told
    assert "a-new-secret-1" not in told

    before = scim("GET", f"/Users/{made.body['id']}")
    deliver()
    after = scim("GET", f"/Users/{made.body['id']}")

    assert before.body == after.body == {**made.body}
    assert after.body["name"] == KIM["name"]
    assert after.body["emails"] == KIM["emails"]
    [there] = target.users.values()
    assert (there["userName"], there["title"], there["externalId"]) == ("kim", "Lead", "hr-1")
    assert target.passwords == {there["id"]: "a-new-secret-1"}
    assert Job.objects.get().sealed_password is None


def test_it_is_found_by_id_name_and_external_id(scim: Scim, deliver: Step) -> None:
    kim = scim("POST", "/Users", KIM).body
    deliver()

    assert scim.found('userName eq "KIM"') == ["kim"]
    assert scim.found('externalId eq "hr-1"') == ["kim"]
    assert scim.found(f'id eq "{kim["id"]}"') == ["kim"]
    assert scim.found('userName eq "lee"') == []
    assert scim.found('userName eq "kim" and active eq false') == []
    search = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": 'userName eq "kim"',
        "attributes": ["userName"],
    }
    for path in ("/Users/.search", "/.search"):
        answer = scim("POST", path, search)
        assert [r["id"] for r in answer.body["Resources"]] == [kim["id"]], answer.body


@pytest.mark.parametrize("text", ['title eq "Lead"', 'userName sw "k"', "title pr"])
def test_other_filters_are_refused_with_what_can_be_asked(scim: Scim, text: str) -> None:
    scim("POST", "/Users", KIM)

    answer = scim("GET", "/Users", params={"filter": text})

    assert (answer.status, answer.body["scimType"]) == (400, "invalidFilter")
    assert "userName eq" in answer.body["detail"]


def test_without_a_filter_everybody_is_listed_in_pages(scim: Scim) -> None:
    for n in range(5):
        scim.make_user(f"p{n}")

    by_index = scim("GET", "/Users", params={"startIndex": 2, "count": 2}).body
    first = scim("GET", "/Users", params={"cursor": "", "count": 3}).body
    rest = scim("GET", "/Users", params={"cursor": first["nextCursor"], "count": 3}).body
    refused = scim("GET", "/Users", params={"sortBy": "userName"})

    assert (by_index["totalResults"], by_index["itemsPerPage"]) == (5, 2)
    assert [r["userName"] for r in by_index["Resources"]] == ["p1", "p2"]
    names = [r["userName"] for page in (first, rest) for r in page["Resources"]]
    assert names == ["p0", "p1", "p2", "p3", "p4"]
    assert "nextCursor" not in rest
    assert (refused.status, "sortBy" in refused.body["detail"]) == (400, True)


def test_changes_apply_to_what_was_queued_last_and_only_what_differs_is_sent(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    kim = f"/Users/{scim('POST', '/Users', KIM).body['id']}"
    retitled = scim.patch(kim, {"op": "replace", "path": "title", "value": "Head"})
    assert (retitled.status, retitled.body["title"]) == (200, "Head")
    more = {"op": "add", "path": "emails", "value": [{"value": "k@home.example"}]}
    assert len(scim.patch(kim, more).body["emails"]) == 2
    deliver()
    [there] = target.users.values()
    assert (there["title"], len(there["emails"])) == ("Head", 2)

    renamed = scim("PUT", kim, {"userName": "kim.lee", "externalId": "hr-1"})
    assert renamed.status == 200
    assert "title" not in renamed.body
    same = scim("PUT", kim, {"userName": "kim.lee", "externalId": "hr-1"})
    assert same.headers["ETag"] == renamed.headers["ETag"]
    deliver()

    [there] = target.users.values()
    assert there["userName"] == "kim.lee"
    assert "title" not in there
    assert Job.objects.filter(state=State.DONE).count() == 2


def test_what_was_read_may_be_held_on_to(scim: Scim) -> None:
    made = scim("POST", "/Users", KIM)
    kim = f"/Users/{made.body['id']}"
    scim.patch(kim, {"op": "replace", "path": "title", "value": "Head"})

    stale = scim.patch(
        kim,
        {"op": "replace", "path": "title", "value": "Boss"},
        If_Match=made.headers["ETag"],
    )

    assert stale.status == 412
    assert scim("GET", kim).body["title"] == "Head"


def test_a_deleted_person_is_gone_at_once_and_forgotten_when_the_target_is_done(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    kim = f"/Users/{scim('POST', '/Users', KIM).body['id']}"
    deliver()

    assert scim("DELETE", kim).status == 204
    assert scim("GET", kim).status == 404
    assert scim.found('userName eq "kim"') == []
    assert scim("DELETE", kim).status == 404
    row = PassingEntity.objects.get()
    assert (row.deleted is not None, row.sealed_state) == (True, None)
    again = scim("POST", "/Users", {**KIM, "title": "Second"})
    assert again.status == 201
    deliver()

    assert [user["title"] for user in target.users.values()] == ["Second"]
    assert PassingEntity.objects.get().pk.hex == again.body["id"].replace("-", "")


def test_a_delete_of_somebody_never_sent_leaves_nothing(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    kim = f"/Users/{scim('POST', '/Users', KIM).body['id']}"
    assert scim("DELETE", kim).status == 204
    deliver()

    assert not PassingEntity.objects.exists()
    assert target.log == []


def test_a_name_is_taken_once_within_the_service_provider(
    scim: Scim, portal: ServiceProvider, tenant: Tenant, store: Store
) -> None:
    scim("POST", "/Users", KIM)
    store.add_user("lee")

    taken = scim("POST", "/Users", {"userName": "KIM"})
    assert (taken.status, taken.body["scimType"]) == (409, "uniqueness")
    # Of those who are stored it knows nothing, nor they of it.
    assert scim.make_user("lee")["userName"] == "lee"
    assert store.add_user("kim").changed


def test_everybody_and_everything_unknown_is_404(scim: Scim, store: Store) -> None:
    stored = store.add_user("lee")

    for entity in (stored.entity_id, "01890000-0000-7000-8000-000000000000", "x"):
        assert scim("GET", f"/Users/{entity}").status == 404
        assert scim("DELETE", f"/Users/{entity}").status == 404
        patched = scim.patch(f"/Users/{entity}", {"op": "add", "path": "title", "value": "x"})
        assert patched.status == 404
    assert User.objects.get().username == "lee"


def test_several_outbound_rows_all_get_the_person(
    scim: Scim, portal: ServiceProvider, tenant: Tenant, target: Scim2Target, deliver: Step
) -> None:
    with Scim2Target() as second:
        send_to(portal, make_connector(tenant, second.settings, name="second"))
        kim = f"/Users/{scim('POST', '/Users', KIM).body['id']}"
        deliver()
        assert len(target.users) == len(second.users) == 1

        second.fail_next(500, times=50)
        scim("DELETE", kim)
        deliver()
        assert (len(target.users), len(second.users)) == (0, 1)
        assert PassingEntity.objects.exists()


def test_bulk_makes_people_and_their_group(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    members = [{"value": "bulkId:k"}, {"value": "bulkId:l"}]
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "k", "data": {"userName": "kim"}},
            {"method": "POST", "path": "/Users", "bulkId": "l", "data": {"userName": "lee"}},
            {
                "method": "POST",
                "path": "/Groups",
                "bulkId": "g",
                "data": {"displayName": "sales", "members": members},
            },
        ],
    }

    answer = scim("POST", "/Bulk", body)

    assert {o["status"] for o in answer.body["Operations"]} == {"201"}, answer.body
    deliver()
    assert target.member_names("sales") == ["kim", "lee"]
    assert not User.objects.exists()


def test_without_a_way_out_the_change_is_refused_and_not_lost(
    scim: Scim, onward: OutboundTarget, target: Scim2Target, deliver: Step
) -> None:
    kim = f"/Users/{scim('POST', '/Users', KIM).body['id']}"
    deliver()
    OutboundConnector.objects.update(enabled=False)
    for answer in (
        scim("POST", "/Users", {"userName": "lee"}),
        scim("POST", "/Groups", {"displayName": "sales"}),
        scim.patch(kim, {"op": "replace", "path": "title", "value": "x"}),
    ):
        assert (answer.status, "nowhere to send" in answer.body["detail"]) == (403, True)
    assert scim("GET", kim).body["title"] == "Lead"
    OutboundConnector.objects.update(enabled=True)
    onward.delete()
    assert scim("POST", "/Users", {"userName": "lee"}).status == 403

    assert scim("DELETE", kim).status == 204
    deliver()
    assert target.users == {}
