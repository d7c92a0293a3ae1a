"""What the forms write decides as the form says."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest

from provisioning import rules
from provisioning.policies import requests as asked
from provisioning.policies.templates import Wanted, write
from provisioning.rules import Decision, Request

COUNTRY = "http://wso2.org/claims/country"
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def request(
    *groups: str, country: str = "", idp: str = "partner", sp: str = "portal"
) -> Request:
    def texts(*values: str) -> list[tuple[str, Any]]:
        return [(f"{asked.XS}string", value) for value in values]

    return Request.of(
        {
            asked.IDP: {f"{asked.IDP}/idp-name": texts(idp)},
            asked.SP: {f"{asked.SP}/sp-name": texts(sp)},
            asked.ACTION: {f"{asked.ACTION}/action-name": texts("provisioning")},
            asked.PROVISIONING: {f"{asked.PROVISIONING}/claim-group": texts(*groups)},
            asked.USER: {COUNTRY: texts(*([country] if country else []))},
        }
    )


def decided(wanted: Wanted, question: Request, now: datetime = NOON) -> Decision:
    return rules.decide(rules.load(write(wanted)), question, now=now).decision


def test_holders_of_one_of_the_roles_may_go() -> None:
    wanted = Wanted("p", "partner", roles=["Internal/a", "Internal/b"])

    assert decided(wanted, request("Internal/x", "Internal/b")) is Decision.PERMIT
    assert decided(wanted, request("Internal/x")) is Decision.DENY
    assert decided(wanted, request()) is Decision.DENY


def test_people_with_every_value_may_go() -> None:
    wanted = Wanted("p", "partner", claims={COUNTRY: "NO"})

    assert decided(wanted, request(country="NO")) is Decision.PERMIT
    assert decided(wanted, request(country="SE")) is Decision.DENY
    assert decided(wanted, request()) is Decision.DENY


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (time(9), time(17), Decision.PERMIT),
        (time(13), time(17), Decision.DENY),
        (time(22), time(13), Decision.PERMIT),
    ],
)
def test_times_may_lie_across_midnight(start: time, end: time, expected: Decision) -> None:
    assert decided(Wanted("p", "partner", start=start, end=end), request()) is expected


def test_every_condition_must_hold() -> None:
    wanted = Wanted("p", "partner", roles=["Internal/a"], start=time(9), end=time(17))

    assert decided(wanted, request("Internal/a")) is Decision.PERMIT
    assert decided(wanted, request("Internal/b")) is Decision.DENY
    evening = NOON.replace(hour=18)
    assert decided(wanted, request("Internal/a"), evening) is Decision.DENY


def test_others_are_none_of_its_business() -> None:
    wanted = Wanted("p", "partner", service_provider="portal", roles=["Internal/a"])

    assert decided(wanted, request(idp="other")) is Decision.NOT_APPLICABLE
    assert decided(wanted, request(sp="other")) is Decision.NOT_APPLICABLE
    assert decided(wanted, request()) is Decision.DENY


def test_awkward_values_stay_values() -> None:
    awkward = "<&\"']]>"
    wanted = Wanted("p", "partner", roles=[awkward])

    assert decided(wanted, request(awkward)) is Decision.PERMIT
