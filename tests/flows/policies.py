"""XACML policies of the shapes that WSO2's templates have, in words of our own."""

from __future__ import annotations

XACML = "urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"
FUNCTION = "urn:oasis:names:tc:xacml:1.0:function:"
XS = "http://www.w3.org/2001/XMLSchema#"
IDENTITY = "http://wso2.org/identity/"
ENVIRONMENT = "urn:oasis:names:tc:xacml:3.0:attribute-category:environment"
TIME = "urn:oasis:names:tc:xacml:1.0:environment:current-time"


def policy(name: str, *rules: str, target: str = "", duties: str = "") -> str:
    return f"""<Policy xmlns="{XACML}" PolicyId="{name}" Version="1.0"
  RuleCombiningAlgId="urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:first-applicable">
  <Target>{target}</Target>{"".join(rules)}{duties}</Policy>"""


def for_partner(service_provider: str = "wso2carbon-local-sp", idp: str = "partner") -> str:
    """The target of WSO2's templates: this service provider, this identity provider."""
    matches = (
        (service_provider, f"{IDENTITY}sp/sp-name", f"{IDENTITY}sp"),
        (idp, f"{IDENTITY}idp/idp-name", f"{IDENTITY}idp"),
        (
            "provisioning",
            f"{IDENTITY}identity-action/action-name",
            f"{IDENTITY}identity-action",
        ),
    )
    return f"<AnyOf><AllOf>{''.join(match(*one) for one in matches)}</AllOf></AnyOf>"


def match(value: str, attribute: str, category: str) -> str:
    return f"""<Match MatchId="{FUNCTION}string-equal">
      <AttributeValue DataType="{XS}string">{value}</AttributeValue>
      {designator(attribute, category)}</Match>"""


def operation(*names: str) -> str:
    """The target of a rule for these provisioning operations."""
    where = f"{IDENTITY}provisioning"
    found = (
        f"<AllOf>{match(name, f'{where}/provision-operation', where)}</AllOf>" for name in names
    )
    return f"<Target><AnyOf>{''.join(found)}</AnyOf></Target>"


def designator(attribute: str, category: str, kind: str = "string", must: bool = False) -> str:
    return (
        f'<AttributeDesignator AttributeId="{attribute}" Category="{category}" '
        f'DataType="{XS}{kind}" MustBePresent="{str(must).lower()}"/>'
    )


def rule(name: str, effect: str, condition: str = "", target: str = "") -> str:
    inner = f"<Condition>{condition}</Condition>" if condition else ""
    return f'<Rule RuleId="{name}" Effect="{effect}">{target}{inner}</Rule>'


def text(value: str, kind: str = "string") -> str:
    return f'<AttributeValue DataType="{XS}{kind}">{value}</AttributeValue>'


def apply(function: str, *arguments: str) -> str:
    return f'<Apply FunctionId="{function}">{"".join(arguments)}</Apply>'


def in_group(name: str) -> str:
    """As the role template asks on creation: the group the person is given."""
    return apply(
        f"{FUNCTION}string-is-in",
        text(name),
        designator(f"{IDENTITY}provisioning/claim-group", f"{IDENTITY}provisioning"),
    )


def has_role(name: str) -> str:
    """As the role template asks on updates: the role the person has."""
    roles = designator("http://wso2.org/claims/roles", f"{IDENTITY}user")
    return apply(f"{FUNCTION}string-is-in", text(name), roles)


def has_claim(uri: str, value: str) -> str:
    """As the claim template asks: exactly one value, and it must be there."""
    one = apply(f"{FUNCTION}string-one-and-only", designator(uri, f"{IDENTITY}user", must=True))
    return apply(f"{FUNCTION}string-equal", one, text(value))


def between(start: str, end: str) -> str:
    """As the time template asks."""
    now = apply(f"{FUNCTION}time-one-and-only", designator(TIME, ENVIRONMENT, "time", True))
    return apply(
        "urn:oasis:names:tc:xacml:2.0:function:time-in-range",
        now,
        text(start, "time"),
        text(end, "time"),
    )


DENY_OTHERS = rule("deny_others", "Deny")
