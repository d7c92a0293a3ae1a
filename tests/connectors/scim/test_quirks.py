"""Servers that are not quite what the RFC describes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import (
    Ambiguous,
    ConnectorIsWrong,
    EntityType,
    JobIsWrong,
    NotBefore,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.testing import accepted
from tests.connectors.scim.conftest import Connect
from tests.connectors.scim.people import group, person

# -- the id of a new object ---------------------------------------------------------------


@pytest.mark.parametrize("location", ["absolute", "relative", "none"])
@pytest.mark.parametrize("created_body", ["resource", "no id", "empty"])
@pytest.mark.parametrize("integer_ids", [True, False])
def test_the_id_is_learned_from_body_location_or_a_look_up(
    connect: Connect, location: str, created_body: str, integer_ids: bool
) -> None:
    target, connector = connect(
        location=location,
        created_body=created_body,
        integer_ids=integer_ids,
        created_status=200,
    )

    receipt = connector.create(person())

    assert list(target.users) == [receipt.remote_id]
    looked_up = created_body != "resource" and location == "none"
    assert len(target.requests("GET")) == (1 if looked_up else 0)


@pytest.mark.parametrize(
    "location", ["/scim/v2/Users", "https://elsewhere/login", "http://[::1", "/", ""]
)
def test_a_location_that_names_no_user_is_not_believed(connect: Connect, location: str) -> None:
    target, connector = connect()
    there = target.add_user("kim")
    target.fail_next(201, headers={"Location": location})

    assert connector.create(person()).remote_id == there["id"]


def test_an_id_that_nobody_tells_leaves_the_create_maybe_sent(connect: Connect) -> None:
    target, connector = connect()
    target.fail_next(201, body=b"")

    with pytest.raises(RetryLater) as raised:
        connector.create(person())

    assert raised.value.maybe_sent


def test_a_failed_look_up_of_a_new_id_leaves_the_create_maybe_sent(connect: Connect) -> None:
    target, connector = connect(created_body="empty", location="none")
    for status, headers in ((401, {}), (429, {"Retry-After": "3"})):
        target.fail_next(status, method="GET", headers=headers)

        with pytest.raises(RetryLater) as raised:
            connector.create(person(f"kim{status}"))

        assert raised.value.maybe_sent
    assert isinstance(raised.value, NotBefore)
    assert raised.value.retry_after == 3


def test_several_objects_of_the_new_name_are_ambiguous(connect: Connect) -> None:
    target, connector = connect(created_body="empty", location="none")
    target.add_group("Sales")
    target.add_group("sales")
    target.fail_next(201, body=b"")

    with pytest.raises(Ambiguous):
        connector.create(group("Sales"))


@pytest.mark.parametrize("status", [409, 400, 422, 500])
def test_a_taken_name_is_recognised_by_what_is_said(connect: Connect, status: int) -> None:
    target, connector = connect(duplicate_status=status)
    target.add_user("kim")

    with pytest.raises(RemoteExists):
        connector.create(person())


# -- finding ------------------------------------------------------------------------------


@pytest.mark.parametrize("filters", ["ignored", "refused"])
def test_a_server_that_does_not_filter_is_read_through(connect: Connect, filters: str) -> None:
    target, connector = connect(filters=filters, page_size=10)
    for number in range(45):
        target.add_user(f"user{number}")
    there = target.add_user("kim")

    found = connector.find(person())
    nobody = connector.find(person("robin"))

    assert [one.remote_id for one in found] == [there["id"]]
    assert nobody == []


@pytest.mark.parametrize("total", [0, 1, 10**9])
def test_a_wrong_total_neither_hides_anybody_nor_loops(connect: Connect, total: int) -> None:
    target, connector = connect(filters="ignored", page_size=10, total_results=total)
    for number in range(25):
        target.add_user(f"user{number}")
    target.add_user("kim")

    assert len(connector.find(person())) == 1
    assert target.count_requests() < 10


def test_a_server_that_shows_its_first_page_only_is_not_believed_to_have_nobody(
    connect: Connect,
) -> None:
    target, connector = connect(filters="ignored", page_size=10, ignores_start_index=True)
    for number in range(25):
        target.add_user(f"user{number}")

    with pytest.raises(Ambiguous):
        connector.find(person())
    assert target.count_requests() < 5
    assert len(connector.find(person("user7"))) == 1


def test_a_server_that_shows_everybody_on_every_page_is_believed(connect: Connect) -> None:
    target, connector = connect(filters="ignored", ignores_start_index=True)
    for number in range(25):
        target.add_user(f"user{number}")

    assert connector.find(person()) == []
    assert target.count_requests() < 5


def test_a_list_without_resources_is_empty(connect: Connect) -> None:
    _, connector = connect(omits_empty_resources=True)

    assert connector.find(person()) == []


def test_not_found_may_mean_that_nobody_matches(connect: Connect) -> None:
    target, connector = connect(nobody_status=404)

    assert connector.find(person()) == []

    there = target.add_user("kim")
    assert [one.remote_id for one in connector.find(person())] == [there["id"]]


def test_not_found_everywhere_is_a_wrong_address(connect: Connect) -> None:
    target, connector = connect(settings={"user_endpoint": "http://127.0.0.1:1/x/Users"})
    _, connector = connect(settings={"user_endpoint": f"{target.url}/elsewhere/Users"})

    with pytest.raises(ConnectorIsWrong):
        connector.find(person())


def test_a_renamed_user_is_found_by_external_id(connect: Connect) -> None:
    target, connector = connect()
    there = target.add_user("old-name", externalId="x-kim")
    target.add_user("other", externalId="X-KIM")

    assert [one.remote_id for one in connector.find(person())] == [there["id"]]


def test_a_server_that_cannot_filter_by_external_id_is_no_error(connect: Connect) -> None:
    target, connector = connect()
    target.fail_next(200, document={"schemas": [], "totalResults": 0})
    target.fail_next(400, document={"scimType": "invalidFilter"})

    assert connector.find(person()) == []


def test_names_are_compared_whatever_their_case(connect: Connect) -> None:
    target, connector = connect()
    user, sales = target.add_user("KIM"), target.add_group("SALES")

    assert [one.remote_id for one in connector.find(person())] == [user["id"]]
    assert [one.remote_id for one in connector.find(group("sales"))] == [sales["id"]]


def test_several_of_one_name_are_all_returned(connect: Connect) -> None:
    target, connector = connect()
    ids = {target.add_group(name)["id"] for name in ("Sales", "sales", "Sales")}

    assert {one.remote_id for one in connector.find(group("Sales"))} == ids


@pytest.mark.parametrize("active", [False, "False", "false"])
def test_a_disabled_match_is_shown_as_disabled(connect: Connect, active: object) -> None:
    target, connector = connect()
    target.add_user("kim")["active"] = active

    assert not connector.find(person())[0].active


@pytest.mark.parametrize("document", [[], {"Resources": "x"}, "text", 7])
def test_a_list_that_is_none_is_named_as_an_error(connect: Connect, document: object) -> None:
    target, connector = connect(filters="ignored")
    target.fail_next(200, document=document, times=3)

    with pytest.raises(ConnectorIsWrong):
        connector.find(person("", external_id=""))


def test_a_server_too_large_to_be_read_through_is_reported(connect: Connect) -> None:
    target, connector = connect(filters="ignored", page_size=1)
    for number in range(501):
        target.add_user(f"user{number}")

    with pytest.raises(ConnectorIsWrong, match="ignores filters"):
        connector.find(person())


def test_without_filters_a_renamed_user_is_found_by_external_id(connect: Connect) -> None:
    target, connector = connect(filters="ignored")
    there = target.add_user("old-name", externalId="x-kim")

    assert [one.remote_id for one in connector.find(person())] == [there["id"]]


def test_an_object_without_an_id_is_not_believed(connect: Connect) -> None:
    target, connector = connect()
    target.fail_next(200, document={"Resources": [{"userName": "kim"}]})

    with pytest.raises(ConnectorIsWrong, match="without an id"):
        connector.find(person())


def test_errors_in_the_words_of_scim_1_are_shown(connect: Connect) -> None:
    target, connector = connect()
    target.fail_next(
        400, document={"Errors": [{"description": "no such title", "code": "400"}]}
    )

    with pytest.raises(JobIsWrong, match="no such title"):
        connector.create(person())


# -- PATCH and PUT --------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 204])
def test_a_patch_may_be_answered_with_or_without_the_resource(
    connect: Connect, status: int
) -> None:
    target, connector = connect(patch_status=status)
    entity = person()
    entity = accepted(entity, connector.create(entity))

    connector.update(replace(entity, active=False))

    assert target.users[entity.remote_id]["active"] is False
    assert [request.method for request in target.log] == ["POST", "PATCH"]


@pytest.mark.parametrize("status", [405, 501, 404, 400])
def test_without_patch_the_whole_user_is_put(connect: Connect, status: int) -> None:
    target, connector = connect(patch=False, patch_missing_status=status)
    entity = person(attributes={"title": "Dr", "name": {"givenName": "Kim"}})
    entity = accepted(entity, connector.create(entity))
    target.users[entity.remote_id]["nickName"] = "theirs"

    receipt = connector.update(replace(entity, attributes={"title": "Prof"}, password="new-1"))
    connector.update(replace(entity, attributes={"title": "Prof"}, accepted=receipt.accepted))
    connector.update(replace(entity, attributes={}, accepted=receipt.accepted))

    assert target.users[entity.remote_id] == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": entity.remote_id,
        "userName": "kim",
        "externalId": "x-kim",
        "active": True,
        "nickName": "theirs",
    }
    assert target.passwords == {entity.remote_id: "new-1"}
    assert len(target.requests("PATCH")) == 1


def test_update_method_patch_never_puts(connect: Connect) -> None:
    target, connector = connect(patch=False, settings={"update_method": "patch"})
    entity = person()
    entity = accepted(entity, connector.create(entity))

    with pytest.raises(JobIsWrong):
        connector.update(replace(entity, active=False))

    assert target.requests("PUT") == []


def test_update_method_put_never_patches(connect: Connect) -> None:
    target, connector = connect(settings={"update_method": "put"})
    entity = person()
    entity = accepted(entity, connector.create(entity))

    connector.update(replace(entity, active=False))

    assert [request.method for request in target.log] == ["POST", "GET", "PUT"]


def test_a_patch_that_was_silently_ignored_is_followed_by_a_put(connect: Connect) -> None:
    target, connector = connect(ignores_patch=True)
    entity = person()
    entity = accepted(entity, connector.create(entity))

    connector.update(replace(entity, active=False))

    assert target.users[entity.remote_id]["active"] is False


def test_a_refused_patch_of_a_server_that_has_patch_is_the_jobs_fault(connect: Connect) -> None:
    target, connector = connect()
    entity = person()
    entity = accepted(entity, connector.create(entity))
    target.fail_next(400, method="PATCH", document={"detail": "no"})

    with pytest.raises(JobIsWrong):
        connector.update(replace(entity, active=False))

    assert target.requests("PUT") == []


def test_a_server_without_service_provider_config_works(connect: Connect) -> None:
    _, connector = connect(has_config=False)
    entity = person(remote_id="gone", accepted={})

    with pytest.raises(RemoteMissing):
        connector.update(entity)
    assert all(finding.ok for finding in connector.check())


def test_a_put_for_somebody_who_is_gone_says_so(connect: Connect) -> None:
    _, connector = connect(settings={"update_method": "put"})

    with pytest.raises(RemoteMissing):
        connector.update(person(remote_id="gone", accepted={}))


def test_a_rename_to_a_taken_name_says_so(connect: Connect) -> None:
    target, connector = connect()
    target.add_user("robin")
    entity = person()
    entity = accepted(entity, connector.create(entity))

    with pytest.raises(RemoteExists):
        connector.update(replace(entity, remote_name="robin"))


def test_a_user_is_fetched_whatever_type_its_id_has(connect: Connect) -> None:
    target, connector = connect(integer_ids=True)
    there = target.add_user("kim")

    found = connector.fetch(EntityType.USER, str(there["id"]))

    assert found is not None
    assert found.remote_id == str(there["id"])
