"""What a provider refuses, in whichever form, becomes the error that says what is next."""

from __future__ import annotations

import re
from typing import Any

import pytest

from connectors import (
    Ambiguous,
    Connector,
    ConnectorError,
    ConnectorIsWrong,
    EntityType,
    JobIsWrong,
    NotConfigured,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.http import Http
from connectors.spml import causes
from connectors.spml.connector import SpmlConnector
from connectors.testing import accepted
from tests.connectors.spml.conftest import Connect, group, person
from tests.fakes.spml import SpmlTarget


def test_every_code_of_the_core_schema_is_known() -> None:
    assert len(causes.ERRORS) == 14 + 1  # one is met in two spellings


@pytest.mark.parametrize(
    ("code", "when_added", "when_changed"),
    [
        ("alreadyExists", RemoteExists, RemoteExists),
        ("containerNotEmpty", JobIsWrong, JobIsWrong),
        ("customError", JobIsWrong, JobIsWrong),
        ("invalidContainment", ConnectorIsWrong, ConnectorIsWrong),
        ("invalidIdentifier", JobIsWrong, JobIsWrong),
        ("malformedRequest", JobIsWrong, JobIsWrong),
        ("noSuchIdentifier", ConnectorIsWrong, RemoteMissing),
        ("noSuchRequest", JobIsWrong, JobIsWrong),
        ("resultSetToLarge", Ambiguous, Ambiguous),
        ("unsupportedExecutionMode", ConnectorIsWrong, ConnectorIsWrong),
        ("unsupportedIdentifierType", JobIsWrong, JobIsWrong),
        ("unsupportedOperation", JobIsWrong, JobIsWrong),
        ("unsupportedProfile", ConnectorIsWrong, ConnectorIsWrong),
        ("unsupportedSelectionType", JobIsWrong, JobIsWrong),
        ("of.their.own", JobIsWrong, JobIsWrong),
        ("", JobIsWrong, JobIsWrong),
    ],
)
def test_error_codes(
    target: SpmlTarget,
    connector: SpmlConnector,
    code: str,
    when_added: type[ConnectorError],
    when_changed: type[ConnectorError],
) -> None:
    target.refuse_next("addRequest", code, "not so", "really")
    with pytest.raises(ConnectorError, match="not so really") as raised:
        connector.create(person())
    assert (type(raised.value), raised.value.code) == (when_added, code)

    kim = accepted(person(), connector.create(person()))
    target.refuse_next("deleteRequest", code)
    with pytest.raises(ConnectorError) as raised:
        connector.delete(kim)
    assert type(raised.value) is when_changed


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        ("soap:Client", "no sn", JobIsWrong),
        ("soap:Client", "user already exists", RemoteExists),
        ("soap:Client.Authentication", "who?", ConnectorIsWrong),
        ("soap:Client.Schema", "odd", JobIsWrong),
        ("soap:Server", "out of order", RetryLater),
        ("soap:MustUnderstand", "no headers", ConnectorIsWrong),
        ("soap:VersionMismatch", "", ConnectorIsWrong),
        ("wsse:FailedAuthentication", "who?", ConnectorIsWrong),
        ("axis:Strange", "out of order", RetryLater),
        ("", "", RetryLater),
    ],
)
def test_faults(
    target: SpmlTarget,
    connector: SpmlConnector,
    code: str,
    reason: str,
    kind: type[ConnectorError],
) -> None:
    target.fault_next("addRequest", code, reason)

    with pytest.raises(ConnectorError) as raised:
        connector.create(person())

    assert reason in str(raised.value)
    assert type(raised.value) is kind
    if isinstance(raised.value, RetryLater):
        assert raised.value.maybe_sent


@pytest.mark.parametrize("operation", ["customError", ""])
def test_words_may_say_that_somebody_is_there(
    target: SpmlTarget, connector: SpmlConnector, operation: str
) -> None:
    target.refuse_next("addRequest", operation, "The account already exists.")

    with pytest.raises(RemoteExists):
        connector.create(person())


def test_a_failure_counts_under_any_status(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    said = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        b'<addResponse xmlns="urn:oasis:names:tc:SPML:2:0" status="failure"'
        b' error="alreadyExists"/></s:Body></s:Envelope>'
    )
    target.fail_next(500, body=said)
    with pytest.raises(RemoteExists):
        connector.create(person())

    target.fail_next(403, body=said)
    with pytest.raises(ConnectorIsWrong):
        connector.create(person())


def test_a_pending_question_is_asked_again_later(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    target.pending.append("searchRequest")

    with pytest.raises(RetryLater) as raised:
        connector.find(person())

    assert not raised.value.maybe_sent


def test_an_answer_to_something_else_is_none(
    target: SpmlTarget, connector: SpmlConnector, http: Http
) -> None:
    connector.create(person())
    told = b'<m:x xmlns:m="urn:x"/>'
    body = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        + told
        + b"</s:Body></s:Envelope>"
    )
    target.fail_next(200, body=body)

    with pytest.raises(ConnectorIsWrong, match="does not answer as an SPML"):
        connector.find(person())


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ({"http://wso2.org/claims/givenname": "Kim"}, "http://wso2.org/claims/givenname"),
        ({"name.givenName": "Kim"}, "name.givenName"),
        ({"given name": "Kim"}, "given name"),
        ({"prénom": "Kim"}, "prénom"),
        ({f"c:{number}": "x" for number in range(9)}, "c:0, c:1, c:2, c:3, c:4 and 4 more"),
    ],
)
def test_a_name_that_cannot_be_sent_is_named_before_anything_is_sent(
    target: SpmlTarget, connector: SpmlConnector, attributes: dict[str, Any], named: str
) -> None:
    with pytest.raises(NotConfigured, match=re.escape(named)):
        connector.create(person(attributes=attributes))
    with pytest.raises(NotConfigured, match=re.escape(named)):
        connector.update(person(remote_id="pso-1", accepted={}, attributes=attributes))

    assert target.log == []


@pytest.mark.parametrize("attributes", [{"http://x": ""}, {"http://x": None}, {"http://x": []}])
def test_a_name_without_a_value_is_not_sent_anyway(
    connector: SpmlConnector, attributes: dict[str, Any]
) -> None:
    assert connector.create(person(attributes=attributes)).remote_id


@pytest.mark.parametrize("odd", ["\0", "\x1b", "\ufffe", "\ud800"])
def test_a_character_that_xml_cannot_carry_is_the_fault_of_the_person(
    target: SpmlTarget, connector: SpmlConnector, odd: str
) -> None:
    for kim, what in (
        (person(attributes={"sn": f"Lee{odd}"}), "sn"),
        (person(f"kim{odd}"), "accountId"),
    ):
        with pytest.raises(JobIsWrong, match=f"^{what} holds a character"):
            connector.create(kim)
    with pytest.raises(JobIsWrong, match=r"^The password holds a character"):
        connector.create(person(password=f"first-Secret-1{odd}"))
    assert target.log == []


def test_groups_need_a_class(connect: Connect) -> None:
    _, connector = connect(groups=False)

    assert not connector.handles(EntityType.GROUP)
    with pytest.raises(ConnectorIsWrong, match="group object class"):
        connector.create(group())


@pytest.mark.parametrize(
    ("reason", "advised"),
    [
        ("SPML has no attributes called http://x: map them", "preset mapping"),
        ("suspendRequest to https://x was refused (unsupportedOperation)", "disable"),
        ("setPasswordRequest to https://x was refused (unsupportedOperation)", "no passwords"),
        ("setPasswordRequest to https://x was refused (customError: weak)", "stricter"),
        ("addRequest to https://x was refused (customError: sn)", "own words"),
        ("addRequest to https://x was refused (fault Client: sn)", "own words"),
        ("deleteRequest to https://x was refused (unsupportedOperation)", "delete action"),
        ("https://x took the addRequest and works on it: …", "asynchronously"),
        ("https://x cannot be searched, and has no object", "by hand"),
    ],
)
def test_refusals_are_explained(reason: str, advised: str) -> None:
    known: type[Connector] = SpmlConnector
    first = next(c for c in known.known_causes if re.search(c.pattern, reason, re.IGNORECASE))

    assert advised in first.advice
