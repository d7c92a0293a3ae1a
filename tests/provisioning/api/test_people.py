"""Users and groups over REST: through the intake, in the terms of the configuration file."""

from __future__ import annotations

from typing import Any

import pytest

from idp import local_claims
from idp.models import Group, LocalClaim, Membership, Tenant, User, UserStore
from provisioning.models import AuditEvent, Job
from serviceproviders.models import ServiceProvider
from tests.console import World, add_group, add_user
from tests.factories import make_connector, send_to
from tests.provisioning.api.conftest import Api
from tests.provisioning.api.test_configuring import problem

pytestmark = pytest.mark.django_db

BADGE = "urn:purveyor:custom:User:badge"
CLAIM = "http://wso2.org/claims/"
KIM = {
    "username": "STAFF/kim",
    "password": "a long enough one",
    "claims": {CLAIM + "givenname": "Kim", CLAIM + "emailaddress": "kim@x.example"},
    "groups": ["STAFF/sales"],
}


@pytest.fixture
def sales(tenant: Tenant, staff: UserStore) -> Group:
    return add_group(tenant, "STAFF/sales")


@pytest.fixture
def target(tenant: Tenant, resident: ServiceProvider) -> None:
    send_to(resident, make_connector(tenant, {"user_endpoint": "http://127.0.0.1:9/Users"}))


def test_a_user_is_created_with_claims_and_groups_and_sent(
    api: Api, sales: Group, target: None
) -> None:
    made = api.post("users/", KIM)

    told = made.json()
    assert made.status_code == 201
    assert made["Location"].endswith(f"/api/v1/users/{told['id']}/")
    job = Job.objects.get(entity_type="user")
    assert made["Provisioning-Outcome"] == f"partner/scim2=queued;job={job.pk}"
    assert (told["username"], told["groups"], told["active"]) == (
        "STAFF/kim",
        ["STAFF/sales"],
        True,
    )
    assert told["claims"] == {**told["claims"], **KIM["claims"]}
    assert "password" not in told
    assert User.objects.get().password
    assert api.get("users/STAFF/kim/").json() == told
    assert api.get(f"users/{told['id']}/").json() == told
    event = AuditEvent.objects.get(action="user.create")
    assert (event.door, event.actor) == ("rest", "ops")


def test_a_claim_is_changed_and_the_others_stay(api: Api, sales: Group) -> None:
    api.post("users/", KIM)

    told = api.patch("users/STAFF/kim/", {"claims": {CLAIM + "title": "Lead"}}).json()

    assert told["claims"][CLAIM + "title"] == "Lead"
    assert told["claims"][CLAIM + "givenname"] == "Kim"
    gone = api.patch("users/STAFF/kim/", {"claims": {CLAIM + "title": ""}}).json()
    assert CLAIM + "title" not in gone["claims"]


def test_what_was_read_can_be_put_back_and_sends_nothing(
    api: Api, sales: Group, target: None
) -> None:
    api.post("users/", KIM)
    told = api.get("users/STAFF/kim/").json()

    again = api.put("users/STAFF/kim/", told)

    assert (again.status_code, again.json()) == (200, told)
    assert "Provisioning-Outcome" not in again
    assert Job.objects.filter(entity_type="user").count() == 1


def test_put_creates_whom_the_address_names(api: Api, staff: UserStore) -> None:
    made = api.put("users/STAFF/lee/", {"claims": {CLAIM + "givenname": "Lee"}})

    assert (made.status_code, made.json()["username"]) == (201, "STAFF/lee")
    told = problem(api.put("users/STAFF/max/", {"username": "STAFF/moritz"}))
    assert told == {"username": "is another one than the address names"}
    nobody = "01a219c0-b3d6-73b2-be98-7e30a19c7fc0"
    assert problem(api.put(f"users/{nobody}/", {}), 404) == {}


def test_a_user_is_renamed_and_deleted(api: Api, sales: Group) -> None:
    pk = api.post("users/", KIM).json()["id"]

    assert api.patch(f"users/{pk}/", {"username": "STAFF/kimberly"}).status_code == 200
    assert api.get("users/STAFF/kim/").status_code == 404
    assert api.delete("users/STAFF/kimberly/").status_code == 204
    assert problem(api.get(f"users/{pk}/"), 404) == {}
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, {"username": "is missing"}),
        ({"username": 5}, {"username": "must be a text (put it in quotes)"}),
        ({"username": "kim", "nick": "k"}, {"nick": "unknown key"}),
        ({"username": "kim", "claims": {"x": "y"}}, {"claims": "there is no claim x"}),
        ({"username": "kim", "groups": ["nope"]}, {"groups": "there is no group nope"}),
        ({"username": "kim", "state": "absent"}, {"state": "use DELETE"}),
        ({"username": "Internal/kim"}, {"username": "roles are not users"}),
    ],
)
def test_refusals_name_the_field(
    api: Api, tenant: Tenant, body: Any, told: dict[str, str]
) -> None:
    assert problem(api.post("users/", body)) == told
    assert not User.objects.exists()


def test_a_name_is_taken_once(api: Api, sales: Group) -> None:
    api.post("users/", KIM)

    assert "username" in problem(api.post("users/", KIM), 409)


def test_users_are_found_by_name_and_by_how_they_begin(api: Api, world: World) -> None:
    def found(query: str) -> list[str]:
        return [one["username"] for one in api.get(f"users/?{query}").json()["results"]]

    assert found("username=KIM") == found("search=ki") == ["kim"]
    assert found("username=ki") == found("search=im") == []


def test_members_are_added_replaced_and_taken_out(api: Api, tenant: Tenant) -> None:
    kim, lee = add_user(tenant, "kim"), add_user(tenant, "lee")

    made = api.post("groups/", {"name": "sales", "add_members": ["KIM"]})

    assert (made.status_code, made.json()["member_count"]) == (201, 1)
    api.patch("groups/sales/", {"add_members": [str(lee.pk)], "remove_members": ["kim"]})
    listed = api.get("groups/sales/members/").json()
    assert [one["username"] for one in listed["results"]] == ["lee"]
    assert listed["count"] == 1
    api.put("groups/sales/", {"members": ["kim", "lee"]})
    assert set(Membership.objects.values_list("user_id", flat=True)) == {kim.pk, lee.pk}
    api.put("groups/sales/", {})
    assert Membership.objects.count() == 2
    api.put("groups/sales/", {"members": []})
    assert Membership.objects.count() == 0


def test_unknown_members_are_refused_by_name(api: Api, world: World) -> None:
    told = problem(api.patch("groups/kim-group/", {"add_members": ["kim", "nope", "nix"]}))
    both = problem(api.patch("groups/kim-group/", {"members": [], "add_members": []}))

    assert told == {"add_members": "there is no user nope, nix"}
    assert "members" in both


def test_roles_are_groups_of_internal(api: Api) -> None:
    made = api.put("groups/Internal/boss/", {})

    assert (made.status_code, made.json()["kind"]) == (201, "role")
    assert api.get("groups/?name=Internal/boss").json()["count"] >= 1
    assert api.delete("groups/Internal/boss/").status_code == 204


def test_pages_are_walked_to_the_end_and_counted_without_a_scan(
    api: Api, tenant: Tenant
) -> None:
    names = [f"user-{number:02}" for number in range(7)]
    for name in names:
        add_user(tenant, name)

    page = api.get("users/?limit=3").json()
    seen = [one["username"] for one in page["results"]]
    while page["next"]:
        assert (page["count"], page["count_exact"]) == (7, True)
        page = api.get(page["next"].partition("testserver")[2]).json()
        seen += [one["username"] for one in page["results"]]

    assert seen == names
    back = api.get(page["previous"].partition("testserver")[2]).json()
    assert [one["username"] for one in back["results"]] == names[3:6]


def test_claims_of_the_tenants_own_are_claims(api: Api, tenant: Tenant) -> None:
    uri = CLAIM + "badge"
    local_claims.save(LocalClaim(tenant=tenant, uri=uri, display_name="Badge", path=BADGE))

    told = api.post("users/", {"username": "kim", "claims": {uri: "4711"}}).json()

    assert told["claims"][uri] == "4711"
    assert User.objects.get().document[BADGE.rpartition(":")[0]] == {"badge": "4711"}


def test_in_dumb_mode_people_pass_through_and_are_not_stored(
    api: Api, tenant: Tenant, target: None
) -> None:
    ServiceProvider.objects.update(dumb_mode=True)
    kim = {"username": "kim", "claims": {CLAIM + "title": "Lead"}}

    made = api.post("users/", kim)
    api.put("groups/sales/", {"members": ["kim"]})
    told = api.patch("users/kim/", {"claims": {CLAIM + "givenname": "Kim"}})

    assert (made.status_code, made["Provisioning-Outcome"][:13]) == (201, "partner/scim2")
    assert not User.objects.exists()
    assert told.json()["claims"][CLAIM + "title"] == "Lead"
    assert told.json()["groups"] == ["sales"]
    members = api.get("groups/sales/members/").json()
    assert [one["username"] for one in members["results"]] == ["kim"]
    assert api.get("users/").json()["results"] == []
    assert api.get("explain/?user=kim").json()["targets"][0]["verdict"] == "update"
    assert api.delete("users/kim/").status_code == 204
    problem(api.get("users/kim/"), 404)


def test_in_dumb_mode_there_must_be_somewhere_to_go(api: Api) -> None:
    ServiceProvider.objects.update(dumb_mode=True)

    assert "nowhere to send" in api.post("users/", {"username": "kim"}).json()["detail"]
