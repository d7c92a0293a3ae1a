"""People at an SPML provider: the smallest requests, and changes of several requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors import JobIsWrong, NotBefore, RemoteMissing, RetryLater
from connectors.http import Http
from connectors.spml.connector import SpmlConnector
from connectors.testing import accepted
from tests.connectors.spml.conftest import NAMED, Connect, operations, person
from tests.fakes.spml import SpmlTarget
from tests.fakes.spml.soap import every, first, values_of
from tests.fakes.spml.target import SEARCH, SET_PASSWORD, SUSPEND


def modifications(target: SpmlTarget) -> list[tuple[str, str, list[str]]]:
    """Mode, attribute and values of the one modifyRequest."""
    [asked] = target.asked("modifyRequest")
    return [
        (one.get("operation"), one.get("name"), values_of(one))
        for one in every(asked, "spml:modification/dsml:modification")
    ]


def test_a_person_is_added_in_one_request(target: SpmlTarget, connector: SpmlConnector) -> None:
    receipt = connector.create(person())

    assert operations(target) == ["AddRequest"]
    held = target.user("kim")
    assert receipt.remote_id == held.id
    assert held.attributes == {
        "objectclass": ["user"],
        "accountId": ["kim"],
        "givenName": ["Kim"],
        "sn": ["Lee"],
        "mail": ["k@x.example", "k@y.example"],
    }
    [asked] = target.asked("addRequest")
    assert asked.get("returnData") == "identifier"
    assert asked.get("executionMode") == "synchronous"
    assert receipt.accepted == {**NAMED, "accountId": "kim", "(active)": True}
    assert not receipt.password_set


def test_a_change_sends_what_differs_and_deletes_what_is_gone(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    kim = person(attributes={**NAMED, "title": "Dr"})
    kim = accepted(kim, connector.create(kim))
    after = {"givenName": "Kimberly", "sn": "Lee", "mail": ["k@y.example", "k@x.example"]}

    receipt = connector.update(replace(kim, attributes={**after, "employeeNumber": 7}))

    assert operations(target) == ["AddRequest", "ModifyRequest"]
    assert modifications(target) == [
        ("replace", "givenName", ["Kimberly"]),
        ("replace", "employeeNumber", ["7"]),
        ("delete", "title", []),
    ]
    assert [one.get("modificationMode") for one in every(
        target.asked("modifyRequest")[0], "spml:modification"
    )] == ["replace", "delete"]  # fmt: skip
    assert connector.update(accepted(replace(kim, attributes=after | {"employeeNumber": 7}),
                                     receipt)).remote_id == kim.remote_id  # fmt: skip
    assert operations(target)[2:] == []


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"a": None, "b": "", "c": []}, {}),
        ({"a": True, "b": False, "c": 3}, {"a": ["true"], "b": ["false"], "c": ["3"]}),
        ({"a": ["x", "", "x", "y"]}, {"a": ["x", "y"]}),
        ({"a": " <b>&amp; \r\n\t'\"ü𝄞 "}, {"a": [" <b>&amp; \r\n\t'\"ü𝄞 "]}),
        ({"OBJECTCLASS": "admin", "accountid": "root"}, {}),
    ],
)
def test_values_arrive_as_they_are(
    target: SpmlTarget,
    connector: SpmlConnector,
    given: Mapping[str, Any],
    sent: Mapping[str, Any],
) -> None:
    connector.create(person(attributes=given))

    held = dict(target.user("kim").attributes)
    assert (held.pop("objectclass"), held.pop("accountId")) == (["user"], ["kim"])
    assert held == sent


def test_when_nothing_is_known_the_target_is_read_and_only_the_difference_sent(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    receipt = connector.create(person(attributes={**NAMED, "title": "Dr"}))
    target.user("kim").attributes["room"] = ["somebody else's"]
    unsure = person(remote_id=receipt.remote_id, unconfirmed={**receipt.accepted, "fax": "1"})
    target.log.clear()

    connector.update(unsure)
    connector.update(unsure)

    assert operations(target) == [
        *("LookupRequest", "ActiveRequest", "ModifyRequest"),
        *("LookupRequest", "ActiveRequest"),
    ]
    assert modifications(target) == [("delete", "title", [])]
    assert target.user("kim").values("room") == ["somebody else's"]


def test_a_disabled_newcomer_is_suspended_at_once(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    connector.create(person(active=False, password="first-Secret-1"))

    assert operations(target) == ["AddRequest", "SuspendRequest", "SetPasswordRequest"]
    assert not target.user("kim").active


def test_disabling_comes_first_and_enabling_last(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    kim = accepted(person(), connector.create(person()))
    off = replace(kim, active=False, attributes={"sn": "Lee-Oh"})
    receipt = connector.update(off)
    connector.update(replace(accepted(kim, receipt), active=True, password="next-Secret-2"))

    assert operations(target)[1:] == [
        *("SuspendRequest", "ModifyRequest"),
        *("ModifyRequest", "SetPasswordRequest", "ResumeRequest"),
    ]
    assert target.user("kim").active


def test_a_new_name_may_be_a_new_id(connect: Connect) -> None:
    target, connector = connect(ids_are_names=True)
    kim = accepted(person(), connector.create(person()))

    receipt = connector.update(
        replace(kim, remote_name="robin", active=True, password="next-Secret-2")
    )

    assert (kim.remote_id, receipt.remote_id) == ("kim", "robin")
    assert target.user("robin").password == "next-Secret-2"


@pytest.mark.parametrize(
    ("on", "default", "own", "expected"),
    [
        (True, "", "own-Secret-1", "own-Secret-1"),
        (True, "default-1", "own-Secret-1", "own-Secret-1"),
        (True, "default-1", None, "default-1"),
        (True, "", None, ""),
        (False, "default-1", "own-Secret-1", "default-1"),
        (False, "", "own-Secret-1", ""),
    ],
)
def test_which_password_a_newcomer_gets(
    connect: Connect, on: bool, default: str, own: str | None, expected: str
) -> None:
    settings = {"enable_password_provisioning": on, "default_password": default}
    target, connector = connect(settings=settings)

    receipt = connector.create(person(password=own))

    assert target.user("kim").password == expected
    assert receipt.password_set == bool(expected)
    assert len(target.log) == 1 + bool(expected)


def test_a_password_travels_in_the_attribute_that_is_named_for_it(
    connect: Connect, http: Http
) -> None:
    target, connector = connect(settings={"password_attribute": "credentials"})

    receipt = connector.create(person(password="first-Secret-1"))
    connector.update(replace(accepted(person(), receipt), password="next-Secret-2"))

    assert operations(target) == ["AddRequest", "SetPasswordRequest"]
    assert target.user("kim").password == "next-Secret-2"
    assert receipt.password_set
    assert "credentials" not in receipt.accepted
    assert "Secret" not in repr(http.exchanges)


def test_a_change_without_a_password_sets_none(
    connect: Connect,
) -> None:
    target, connector = connect(settings={"default_password": "default-1"})
    kim = accepted(person(), connector.create(person(password="own-Secret-1")))

    connector.update(replace(kim, attributes={}))

    assert operations(target)[-1] == "ModifyRequest"
    assert target.user("kim").password == "own-Secret-1"


@pytest.mark.parametrize("operation", ["suspendRequest", "setPasswordRequest"])
def test_a_newcomer_half_done_is_looked_up_and_finished(
    target: SpmlTarget, connector: SpmlConnector, operation: str
) -> None:
    kim = person(active=False, password="first-Secret-1")
    target.refuse_next(operation, "customError", "too weak")
    with pytest.raises(RetryLater) as raised:
        connector.create(kim)
    assert raised.value.maybe_sent
    [found] = connector.find(kim)

    target.refuse_next("setPasswordRequest", "customError", "too weak")
    finishing = replace(kim, remote_id=found.remote_id)
    with pytest.raises(RetryLater if found.active else JobIsWrong, match="too weak"):
        connector.update(finishing)
    connector.update(finishing)

    assert not target.user("kim").active
    assert target.user("kim").password == "first-Secret-1"


def test_a_change_half_done_is_in_doubt(target: SpmlTarget, connector: SpmlConnector) -> None:
    kim = accepted(person(), connector.create(person()))
    target.refuse_next("modifyRequest", "malformedRequest", "sn is too long")

    with pytest.raises(RetryLater, match="sn is too long") as raised:
        connector.update(replace(kim, active=False, attributes={"sn": "Lee-Oh"}))

    assert raised.value.maybe_sent
    assert not target.user("kim").active


def test_throttled_half_way_it_waits_as_long_as_asked(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    target.fail_next(429, path="SuspendRequest", headers={"Retry-After": "7"})

    with pytest.raises(NotBefore) as raised:
        connector.create(person(active=False))

    assert (raised.value.retry_after, raised.value.maybe_sent) == (7, True)


@pytest.mark.parametrize("operation", ["addRequest", "modifyRequest", "deleteRequest"])
def test_pending_is_neither_done_nor_refused(
    target: SpmlTarget, connector: SpmlConnector, operation: str
) -> None:
    kim = person("lee")
    kim = accepted(kim, connector.create(kim))
    target.pending.append(operation)
    attempts: dict[str, Callable[[], object]] = {
        "addRequest": lambda: connector.create(person()),
        "modifyRequest": lambda: connector.update(replace(kim, attributes={"sn": "Oh"})),
        "deleteRequest": lambda: connector.delete(kim),
    }

    with pytest.raises(RetryLater, match="works on it") as raised:
        attempts[operation]()

    assert raised.value.maybe_sent


@pytest.mark.parametrize("operation", ["ModifyRequest", "SuspendRequest", "DeleteRequest"])
def test_an_answer_nobody_can_read_leaves_a_change_in_doubt(
    target: SpmlTarget, connector: SpmlConnector, operation: str
) -> None:
    kim = accepted(person(), connector.create(person()))
    target.garbage_next(path=operation)

    attempts: dict[str, Callable[[], object]] = {
        "ModifyRequest": lambda: connector.update(replace(kim, attributes={"sn": "Oh"})),
        "SuspendRequest": lambda: connector.update(replace(kim, active=False)),
        "DeleteRequest": lambda: connector.delete(kim),
    }

    with pytest.raises(RetryLater, match="did not say") as raised:
        attempts[operation]()

    assert raised.value.maybe_sent


def test_where_nobody_can_be_suspended_everybody_is_active(connect: Connect) -> None:
    target, connector = connect(capabilities=(SEARCH, SET_PASSWORD))
    kim = accepted(person(), connector.create(person()))

    for _ in range(2):
        connector.update(replace(kim, accepted=None))
    with pytest.raises(JobIsWrong, match="unsupportedOperation"):
        connector.update(replace(kim, active=False))

    assert operations(target).count("ActiveRequest") == 1  # then it is known for a while


def test_where_passwords_cannot_be_set_the_person_is_there_and_the_job_says_why(
    connect: Connect,
) -> None:
    target, connector = connect(
        capabilities=(SEARCH, SUSPEND), settings={"enable_password_provisioning": True}
    )
    kim = person(password="first-Secret-1")
    with pytest.raises(RetryLater):
        connector.create(kim)

    with pytest.raises(JobIsWrong, match=r"setPasswordRequest.*unsupportedOperation"):
        connector.update(replace(kim, remote_id=target.user("kim").id))


def test_ids_carry_the_target_that_names_itself(connect: Connect) -> None:
    target, connector = connect(targets=("hr",), settings={"target_id": ""})
    target.targets = ("hr", "")

    kim = accepted(person(), connector.create(person()))
    connector.delete(kim)

    assert kim.remote_id.startswith("{hr}pso-")
    assert first(target.asked("deleteRequest")[0], "spml:psoID").get("targetID") == "hr"


def test_an_id_stays_as_it_was_given_when_a_change_names_the_target_too(
    connect: Connect,
) -> None:
    target, connector = connect()
    kim = accepted(person(), connector.create(person()))
    target.targets = ("hr", "")

    assert connector.update(replace(kim, attributes={})).remote_id == kim.remote_id


def test_newcomers_are_made_below_the_container(connect: Connect) -> None:
    target, connector = connect(targets=("hr",), settings={"container_id": "ou=people,dc=x"})

    connector.create(person())

    assert target.user("kim").container == "ou=people,dc=x"


def test_several_object_classes(connect: Connect) -> None:
    target, connector = connect(settings={"object_class": "top, person,user"})

    connector.create(person())

    assert target.user("kim").values("objectclass") == ["top", "person", "user"]
    assert len(connector.find(person())) == 1


def test_somebody_gone_between_two_questions_is_gone(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    receipt = connector.create(person())
    target.refuse_next("activeRequest", "noSuchIdentifier")
    assert connector.fetch(person().type, receipt.remote_id) is None

    target.refuse_next("activeRequest", "noSuchIdentifier")
    with pytest.raises(RemoteMissing):
        connector.update(person(remote_id=receipt.remote_id))
