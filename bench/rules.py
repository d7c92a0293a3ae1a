"""Policies: what one decision takes, and whether a thousand policies take more than ten.

Times are of the processor, so that what else the machine does counts for little.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from bench.results import Result
from bench.setting import Setting
from provisioning.rules import Decision, Library, Request, load

_URN: Final = "urn:oasis:names:tc:xacml:"
_TEXT: Final = "http://www.w3.org/2001/XMLSchema#string"
_USER, _PARTY, _IDP, _ACTION, _ENGINE = (
    f"http://wso2.org/identity/{name}"
    for name in ("user", "sp", "idp", "identity-action", "provisioning")
)
_ALONE: Final = 10
"""Policies of the small library."""


def run(setting: Setting) -> Iterator[Result]:
    many = setting.sized(tiny=50, short=1_000, full=10_000)
    calls = setting.sized(tiny=20, short=2_000, full=10_000)
    rounds = setting.sized(tiny=2, short=15, full=40)
    asked = _request()
    libraries = {
        count: Library(load(_policy(number)) for number in range(count))
        for count in (1, _ALONE, many)
    }
    for library in libraries.values():
        if library.decide(asked).decision is not Decision.PERMIT:
            raise RuntimeError("the policy does not permit what is measured")
    ways = {count: partial(library.decide, asked) for count, library in libraries.items()}
    taken = _taken(ways, calls, rounds)
    middle = {count: statistics.median(times) for count, times in taken.items()}
    yield Result(
        "rules/decision",
        middle[1],
        "µs",
        30,
        "lower",
        extra={
            "made_of": "a target of three matches, an operation, a condition on groups",
            "microseconds": {str(count): times for count, times in taken.items()},
        },
    )
    ratios = [b / a for a, b in zip(taken[_ALONE], taken[many], strict=True)]
    yield Result(
        "rules/many-policies",
        statistics.median(ratios),
        "x",
        2,
        "lower",
        extra={
            "made_of": f"{middle[_ALONE]:.1f} → {middle[many]:.1f} µs, "
            f"{_ALONE} → {many} policies of which one matches"
        },
    )


def _taken(
    ways: Mapping[int, Callable[[], object]], calls: int, rounds: int
) -> dict[int, list[float]]:
    """Microseconds a call, in rounds in which all take turns."""
    taken: dict[int, list[float]] = {count: [] for count in ways}
    for _ in range(rounds):
        for count, way in ways.items():
            start = time.process_time_ns()
            for _ in range(calls):
                way()
            taken[count].append((time.process_time_ns() - start) / calls / 1_000)
    return taken


def _request() -> Request:
    held = {
        _PARTY: {f"{_PARTY}/sp-name": ["portal-0"]},
        _IDP: {f"{_IDP}/idp-name": ["partner"], f"{_IDP}/connector-type": ["scim2", "SCIM2"]},
        _ACTION: {f"{_ACTION}/action-name": ["provisioning"]},
        _ENGINE: {
            f"{_ENGINE}/provision-operation": ["POST"],
            f"{_ENGINE}/claim-group": ["staff", "sales"],
        },
        _USER: {f"http://wso2.org/claims/claim{n}": [f"value {n}"] for n in range(20)},
    }
    return Request.of(
        {
            category: {name: [(_TEXT, one) for one in texts] for name, texts in by_id.items()}
            for category, by_id in held.items()
        }
    )


def _value(text: str) -> str:
    return f'<AttributeValue DataType="{_TEXT}">{text}</AttributeValue>'


def _held(category: str, name: str) -> str:
    return (
        f'<AttributeDesignator Category="{category}" AttributeId="{category}/{name}" '
        f'DataType="{_TEXT}" MustBePresent="false"/>'
    )


def _match(category: str, name: str, text: str) -> str:
    function = f"{_URN}1.0:function:string-equal"
    return f'<Match MatchId="{function}">{_value(text)}{_held(category, name)}</Match>'


def _target(*matches: str) -> str:
    return f"<Target><AnyOf><AllOf>{''.join(matches)}</AllOf></AnyOf></Target>"


def _policy(number: int) -> str:
    """In the manner of WSO2's template for rules by role."""
    held = "".join(
        f'<Apply FunctionId="{_URN}1.0:function:string-is-in">{_value(group)}'
        f"{_held(_ENGINE, 'claim-group')}</Apply>"
        for group in ("management", "sales")
    )
    where = _target(
        _match(_PARTY, "sp-name", f"portal-{number}"),
        _match(_IDP, "idp-name", "partner"),
        _match(_ACTION, "action-name", "provisioning"),
    )
    return f"""
        <Policy xmlns="{_URN}3.0:core:schema:wd-17" PolicyId="roles-{number}" Version="1.0"
                RuleCombiningAlgId="{_URN}1.0:rule-combining-algorithm:first-applicable">
          {where}
          <Rule RuleId="create" Effect="Permit">
            {_target(_match(_ENGINE, "provision-operation", "POST"))}
            <Condition>
              <Apply FunctionId="{_URN}1.0:function:or">{held}</Apply>
            </Condition>
          </Rule>
          <Rule RuleId="deny_others" Effect="Deny"/>
        </Policy>"""
