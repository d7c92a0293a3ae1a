"""Policies and requests in few words."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from provisioning.rules import Policy, Request, Result, decide, load, names

V1 = names.URN + "1.0:function:"
V2 = names.URN + "2.0:function:"
V3 = names.URN + "3.0:function:"
SUBJECT = names.URN + "1.0:subject-category:access-subject"
NS = f'xmlns="{names.NAMESPACE}"'
FIRST = names.URN + "1.0:rule-combining-algorithm:first-applicable"
RULES = names.URN + "{}:rule-combining-algorithm:{}"
POLICIES = names.URN + "{}:policy-combining-algorithm:{}"


def value(text: Any, data_type: str = names.STRING, **more: str) -> str:
    extra = "".join(f" {name}={quoteattr(one)}" for name, one in more.items())
    return f'<AttributeValue DataType="{data_type}"{extra}>{escape(str(text))}</AttributeValue>'


def designator(
    name: str,
    data_type: str = names.STRING,
    *,
    must: bool = False,
    category: str = SUBJECT,
    issuer: str = "",
) -> str:
    by = f' Issuer="{issuer}"' if issuer else ""
    return (
        f'<AttributeDesignator AttributeId="{name}" Category="{category}" '
        f'DataType="{data_type}" MustBePresent="{str(must).lower()}"{by}/>'
    )


def selector(path: str, data_type: str = names.STRING, *, must: bool = False) -> str:
    return (
        f'<AttributeSelector Category="{SUBJECT}" Path={quoteattr(path)} '
        f'DataType="{data_type}" MustBePresent="{str(must).lower()}"/>'
    )


def apply(function: str, *arguments: str) -> str:
    return f'<Apply FunctionId="{function}">{"".join(arguments)}</Apply>'


def function(name: str) -> str:
    return f'<Function FunctionId="{name}"/>'


def match(name: str, text: str, *, must: bool = False) -> str:
    return (
        f'<Match MatchId="{V1}string-equal">{value(text)}{designator(name, must=must)}</Match>'
    )


def target(*all_of: str) -> str:
    """One AnyOf of these alternatives, each of one or more matches."""
    inner = "".join(f"<AllOf>{matches}</AllOf>" for matches in all_of)
    return f"<Target><AnyOf>{inner}</AnyOf></Target>" if all_of else "<Target/>"


def rule(
    effect: str = "Permit",
    condition: str = "",
    *,
    name: str = "rule",
    where: str = "",
    duties: str = "",
) -> str:
    when = f"<Condition>{condition}</Condition>" if condition else ""
    return f'<Rule RuleId="{name}" Effect="{effect}">{where}{when}{duties}</Rule>'


def obligation(name: str, on: str, expression: str) -> str:
    return (
        f'<ObligationExpressions><ObligationExpression ObligationId="{name}" FulfillOn="{on}">'
        f'<AttributeAssignmentExpression AttributeId="what">{expression}'
        "</AttributeAssignmentExpression></ObligationExpression></ObligationExpressions>"
    )


def policy(
    *parts: str,
    algorithm: str = FIRST,
    name: str = "policy",
    where: str = "<Target/>",
    duties: str = "",
    version: str = "1.0",
) -> str:
    return (
        f'<Policy {NS} PolicyId="{name}" Version="{version}" RuleCombiningAlgId="{algorithm}">'
        f"{where}{''.join(parts)}{duties}</Policy>"
    )


def policy_set(
    *parts: str,
    algorithm: str = POLICIES.format("3.0", "deny-overrides"),
    name: str = "set",
    where: str = "<Target/>",
    duties: str = "",
) -> str:
    return (
        f'<PolicySet {NS} PolicySetId="{name}" Version="1.0" '
        f'PolicyCombiningAlgId="{algorithm}">{where}{"".join(parts)}{duties}</PolicySet>'
    )


def request(data_type: str = names.STRING, **attributes: Any) -> Request:
    """Attributes of the subject; a list stands for a bag."""
    return Request.of(
        {
            SUBJECT: {
                name.replace("_", "-"): [
                    (data_type, one) for one in (given if isinstance(given, list) else [given])
                ]
                for name, given in attributes.items()
            }
        }
    )


NOTHING = Request.of({})


def deciding(expression: str, asked: Request = NOTHING, *before: str) -> Result:
    """Permit where the expression is true, NotApplicable where it is false."""
    return decide(load(policy(*before, rule(condition=expression))), asked)


def loaded(*parts: str, **more: Any) -> Policy:
    return load(policy(*parts, **more))
