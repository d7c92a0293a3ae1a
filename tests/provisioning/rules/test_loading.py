"""What is refused when a policy is loaded, with the line and the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.rules import PolicyRefused, load, names
from tests.provisioning.rules.writing import (
    FIRST,
    NS,
    SUBJECT,
    V1,
    V2,
    apply,
    designator,
    policy,
    policy_set,
    rule,
    value,
)

YES = value("true", names.BOOLEAN)


def conditioned(expression: str) -> str:
    return policy("\n", rule(condition="\n" + expression))


def variable(name: str, expression: str) -> str:
    return f'<VariableDefinition VariableId="{name}">{expression}</VariableDefinition>'


def reference(name: str) -> str:
    return f'<VariableReference VariableId="{name}"/>'


BAD = {
    "not XML": ("<Policy", "line 1: not XML: "),
    "empty": ("", "not XML: "),
    "an unknown namespace": ('<Policy xmlns="x"/>', "line 1: Policy is not in the namespace"),
    "XACML 2.0": (
        f'<Policy xmlns="{names.URN}2.0:policy:schema:os"/>',
        "line 1: XACML 2.0 is not supported, write it as XACML 3.0",
    ),
    "XACML 1.0": (f'<Policy xmlns="{names.URN}1.0:policy"/>', "XACML 1.0 is not supported"),
    "a request": (f"<Request {NS}/>", "line 1: Request is not Policy or PolicySet"),
    "an unknown element": (policy("\n<Rules/>"), "line 1: Policy takes "),
    "a foreign element": (policy('<x:Rule xmlns:x="y"/>'), "not Target, {y}Rule"),
    "an unknown attribute": (
        policy(rule()).replace("<Target/>", '\n<Target Name="x"/>'),
        "line 2: Target has no attribute Name",
    ),
    "a missing attribute": (
        policy("\n" + rule().replace(' Effect="Permit"', "")),
        "line 2: Rule lacks the attribute Effect",
    ),
    "no target": (policy(rule(), where=""), "line 1: Policy takes Description?"),
    "the wrong order": (
        policy("\n" + rule(condition=YES, where="").replace("</Rule>", "<Target/></Rule>")),
        "line 2: Rule takes Description? Target? Condition?",
    ),
    "stray text": (policy("\n<!-- yes -->no", rule()), "line 1: Policy takes no text"),
    "a bad effect": (policy(rule("Allow")), "line 1: Allow is neither Permit nor Deny"),
    "a bad version": (policy(rule(), version="1.x"), "1.x is no version"),
    "a rule algorithm": (policy(rule(), algorithm="x"), "there is no combining algorithm x"),
    "one for rules": (policy_set(algorithm=FIRST), "there is no combining algorithm urn:"),
    "a delegated policy": (
        policy(rule(), where="<PolicyIssuer/><Target/>"),
        "PolicyIssuer: delegated policies are not supported",
    ),
    "XPath 2.0": (
        policy(
            rule(condition=YES),
            where="<PolicyDefaults><XPathVersion>x</XPathVersion></PolicyDefaults><Target/>",
        ).replace(
            YES,
            f'<AttributeSelector Category="c" Path="//a" DataType="{names.STRING}" '
            'MustBePresent="false"/>',
        ),
        "XPathVersion: only ",
    ),
    "an unknown function": (
        conditioned(apply("urn:x:nothing", YES)),
        "line 3: there is no function urn:x:nothing",
    ),
    "too few arguments": (
        conditioned(apply(V1 + "not")),
        "line 3: not takes 1 argument, not 0",
    ),
    "too many arguments": (
        conditioned(apply(V1 + "string-equal", *[value("a")] * 3)),
        "line 3: string-equal takes 2 arguments, not 3",
    ),
    "fewer than the least": (
        conditioned(apply(V2 + "string-concatenate", value("a"))),
        "line 3: string-concatenate takes at least 2 arguments, not 1",
    ),
    "a wrong type": (
        conditioned(apply(V1 + "integer-equal", value("1"), value("1"))),
        "line 3: integer-equal takes an integer as argument 1, not a string",
    ),
    "a bag for one value": (
        conditioned(apply(V1 + "string-equal", value("a"), designator("b"))),
        "line 3: string-equal takes a string as argument 2, not a bag of string",
    ),
    "a condition of another type": (
        conditioned(value("true")),
        "line 2: a Condition must be true or false, not string",
    ),
    "a condition that is a bag": (
        conditioned(designator("a", names.BOOLEAN)),
        "a Condition must be true or false, not bag of boolean",
    ),
    "an unknown data type": (
        conditioned(value("1", "urn:x:type")),
        "line 3: there is no data type urn:x:type",
    ),
    "a bad literal": (
        conditioned(apply(V1 + "integer-equal", value("1"), value("x", names.INTEGER))),
        "line 3: integer: 'x' is no integer",
    ),
    "elements in a literal": (
        conditioned(value("a").replace("a<", "<b/><")),
        "string: a value has no elements in it",
    ),
    "neither true nor false": (
        conditioned(designator("a").replace('"false"', '"maybe"')),
        "MustBePresent is neither true nor false",
    ),
    "a regular expression": (
        conditioned(apply(V1 + "string-regexp-match", value("(a"), value("a"))),
        "line 3: '(a' is no regular expression: missing )",
    ),
    "an XPath expression": (
        conditioned(
            f'<AttributeSelector Category="{SUBJECT}" Path="//[" '
            f'DataType="{names.BOOLEAN}" MustBePresent="true"/>'
        ),
        "line 3: '//[' is no XPath expression",
    ),
    "an unknown variable": (conditioned(reference("v")), "line 3: there is no variable v"),
    "a variable twice": (
        policy(variable("v", YES), variable("v", YES)),
        "the variable v is defined twice",
    ),
    "a variable of itself": (
        policy(variable("v", "\n" + reference("v")), rule()),
        "line 2: variables refer to each other in a circle: v → v",
    ),
    "variables in a circle": (
        policy(
            variable("v", "\n" + reference("w")),
            variable("w", apply(V1 + "not", reference("v"))),
        ),
        "variables refer to each other in a circle: v → w → v",
    ),
    "an unknown reference": (
        policy_set("\n<PolicyIdReference>p</PolicyIdReference>"),
        "line 2: there is no policy p",
    ),
    "a reference to no version": (
        policy_set('<PolicySetIdReference Version="x">p</PolicySetIdReference>'),
        "Version: x is no version",
    ),
    "a depth that is no number": (
        policy(rule()).replace(" Version", ' MaxDelegationDepth="x" Version'),
        "MaxDelegationDepth: x is no integer",
    ),
    "a DOCTYPE": (f"<!DOCTYPE Policy>\n{policy(rule())}", "line 1: a DOCTYPE is not allowed"),
    "an entity": (policy(rule(condition="&x;")), "line 1: not XML: Entity 'x' not defined"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_it_is_refused_with_line_and_reason(name: str) -> None:
    document, why = BAD[name]

    with pytest.raises(PolicyRefused) as refused:
        load(document)

    assert why in str(refused.value)


def test_a_policy_may_come_in_any_encoding() -> None:
    text = policy(rule(name="grün"), name="office")

    assert load(f'<?xml version="1.0" encoding="utf-16"?>{text}').id == "office"
    for encoding in ("utf-8", "utf-16", "iso-8859-1"):
        declared = f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'
        assert load(declared.encode(encoding)).id == "office"


def test_what_people_wrote_about_it_is_kept() -> None:
    described = policy(rule(), where="<Description>\n Office\n hours </Description><Target/>")

    loaded = load(described.replace('Version="1.0"', 'Version="2.1"'))

    assert (loaded.id, loaded.version, loaded.description) == ("policy", "2.1", "Office hours")


def test_parameters_of_combining_are_read_and_left_alone() -> None:
    parameter = f'<CombinerParameter ParameterName="weight">{value("1")}</CombinerParameter>'
    parts = (
        f"<CombinerParameters>{parameter}</CombinerParameters>",
        f'<RuleCombinerParameters RuleIdRef="rule">{parameter}</RuleCombinerParameters>',
        rule(),
    )

    assert len(load(policy(*parts)).children) == 1
    with pytest.raises(PolicyRefused, match="CombinerParameter takes AttributeValue"):
        load(policy(parts[0].replace(value("1"), "")))


def test_attributes_of_schema_instances_are_no_errors() -> None:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"'

    assert load(policy(rule()).replace("<Policy", f"<Policy {xsi}"))


@given(st.binary(max_size=200))
def test_octets_are_a_policy_or_refused(octets: bytes) -> None:
    with pytest.raises(PolicyRefused):
        load(octets)


WHOLE = policy(
    rule(condition=apply(V1 + "not", YES)), where="<Description>x</Description><Target/>"
)


@given(
    st.integers(0, len(WHOLE) - 1), st.sampled_from(["", "<", "x", '"', "<Target/>", "&#0;"])
)
def test_a_damaged_policy_is_a_policy_or_refused(position: int, damage: str) -> None:
    document = WHOLE[:position] + damage + WHOLE[position + 1 :]

    try:
        assert load(document).children
    except PolicyRefused as error:
        assert error.reason  # noqa: PT017
