"""Testing the connection: what the provider's list of targets says."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.http import Http
from connectors.spml.connector import SpmlConnector
from tests.connectors.spml.conftest import Connect, operations, person
from tests.fakes.spml import SpmlTarget
from tests.fakes.spml.target import SEARCH, SET_PASSWORD, SUSPEND


def wrong(connector: SpmlConnector) -> list[str]:
    return [finding.what for finding in connector.check() if not finding.ok]


def right(connector: SpmlConnector) -> str:
    return "; ".join(finding.what for finding in connector.check() if finding.ok)


def test_all_is_well(target: SpmlTarget, connector: SpmlConnector) -> None:
    said = right(connector)

    assert wrong(connector) == []
    for words in (
        "plain http",
        "accepts the credentials",
        "be searched",
        "disable",
        "passwords",
    ):
        assert words in said
    assert operations(target) == ["ListTargetsRequest"] * 2


@pytest.mark.parametrize(
    ("quirks", "given", "said"),
    [
        ({"targets": ("hr", "staff")}, {"target_id": ""}, "name one of them: hr, staff"),
        ({"targets": ("hr",)}, {"target_id": "x"}, "There is no target x: there is hr"),
        ({"targets": ()}, {"target_id": "x"}, "There is no target x: there is none"),
        ({}, {"object_class": "person"}, "no object class person: it has group, user"),
        ({}, {"group_object_class": "crew"}, "no object class crew: it has group, user"),
        ({}, {"password": "wrong"}, "401"),
    ],
)
def test_what_is_wrong_is_told(
    connect: Connect, quirks: dict[str, Any], given: dict[str, Any], said: str
) -> None:
    targets = quirks.pop("targets", None)
    target, connector = connect(settings=given, **quirks)
    if targets is not None:
        target.targets = targets

    [told] = wrong(connector)

    assert said in told


def test_another_profile_is_told(target: SpmlTarget, connector: SpmlConnector) -> None:
    body = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        b'<listTargetsResponse xmlns="urn:oasis:names:tc:SPML:2:0" status="success">'
        b'<target profile="urn:oasis:names:tc:SPML:2.0:profiles:XSD"><schema/></target>'
        b"</listTargetsResponse></s:Body></s:Envelope>"
    )
    target.fail_next(200, times=2, body=body)

    assert ["not the DSML profile" in what for what in wrong(connector)] == [True]
    assert "does not announce what it can do" in right(connector)


def test_a_provider_that_lists_nothing_still_answers(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    target.refuse_next("listTargetsRequest", "unsupportedOperation")

    assert wrong(connector) == []


def test_without_groups_it_says_so(connect: Connect) -> None:
    _, connector = connect(groups=False)

    assert "groups are not sent" in right(connector)


def test_what_is_not_offered_is_not_tried_afterwards(connect: Connect) -> None:
    target, connector = connect(capabilities=(SET_PASSWORD,), ids_are_names=True)
    said = right(connector)
    assert "no search" in said
    assert "cannot disable" in said
    connector.create(person())
    target.log.clear()

    connector.find(person())

    assert operations(target) == ["LookupRequest"]
    target.capabilities = (SEARCH, SUSPEND)
    connector.check()
    connector.find(person())
    assert operations(target)[2:] == ["SearchRequest", "ActiveRequest"]


def test_over_plain_http_only_where_private_targets_are_allowed(target: SpmlTarget) -> None:
    with Http(timeout=10) as http:
        connector = SpmlConnector(target.settings, http)

        assert "plain http" in wrong(connector)[0]
