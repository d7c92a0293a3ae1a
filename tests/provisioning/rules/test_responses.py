"""The Response document: what stands in it, and that it reads back."""

from __future__ import annotations

import pytest

from provisioning.rules import names
from tests.provisioning.rules.asking import (
    attribute,
    attributes,
    document,
    pointer,
    response,
)
from tests.provisioning.rules.writing import (
    SUBJECT,
    V1,
    apply,
    designator,
    obligation,
    policy,
    policy_set,
    rule,
    value,
)

SCHEMA_ORDER = [
    "Decision",
    "Status",
    "Obligations",
    "AssociatedAdvice",
    "Attributes",
    "PolicyIdentifierList",
]


NAMED_PATH = pointer("//md:a").replace("<AttributeValue", '<AttributeValue xmlns:md="urn:md"')


def tags(element: object) -> list[str]:
    return [str(one.tag).rpartition("}")[2] for one in element]  # type: ignore[attr-defined]


def test_everything_stands_in_the_order_of_the_schema() -> None:
    duties = obligation("o", "Permit", value("x"))
    advice = duties.replace("Obligation", "Advice").replace("FulfillOn", "AppliesTo")
    asked = document(
        attributes(attribute("name", value("kim"), echoed=True), attribute("age", value("7"))),
        policy_ids=True,
    )

    (result,) = response(policy(rule(), duties=duties + advice), asked)

    assert tags(result) == SCHEMA_ORDER
    assert [
        one.text for one in result.iterfind("{*}Attributes/{*}Attribute/{*}AttributeValue")
    ] == ["kim"]
    (listed,) = result.find("{*}PolicyIdentifierList")
    assert (listed.text, listed.get("Version")) == ("policy", "1.0")


def test_attributes_come_back_as_they_came() -> None:
    given = attribute(
        "when", value("2002-03-22T09:00:00.50+00:00", names.DATE_TIME), echoed=True, issuer="hr"
    )

    (result,) = response(policy(rule()), document(attributes(given)))

    (back,) = result.find("{*}Attributes")
    assert (back.get("Issuer"), back[0].text) == ("hr", "2002-03-22T09:00:00.50+00:00")


def test_a_missing_attribute_is_told_in_full() -> None:
    wanted = apply(V1 + "string-is-in", value("x"), designator("a", must=True, issuer="hr"))

    (result,) = response(policy(rule(condition=wanted)), document(attributes()))

    detail = result.find("{*}Status/{*}StatusDetail/{*}MissingAttributeDetail")
    assert dict(detail.attrib) == {
        "Category": SUBJECT,
        "AttributeId": "a",
        "DataType": names.STRING,
        "Issuer": "hr",
    }
    assert tags(result.find("{*}Status")) == ["StatusCode", "StatusMessage", "StatusDetail"]


@pytest.mark.parametrize(
    ("expression", "data_type", "texts"),
    [
        (value("5.50", names.DOUBLE), names.DOUBLE, ["5.5E0"]),
        (value("CN=a, O=b", names.X500_NAME), names.X500_NAME, ["CN=a, O=b"]),
        (designator("name"), names.STRING, ["kim", "<lee> & \t"]),
        (
            NAMED_PATH,
            names.XPATH,
            ["//md:a"],
        ),
    ],
)
def test_values_are_written_by_type(expression: str, data_type: str, texts: list[str]) -> None:
    asked = document(attributes(attribute("name", value("kim"), value("<lee> & \t"))))

    (result,) = response(policy(rule(), duties=obligation("o", "Permit", expression)), asked)

    assigned = result.findall("{*}Obligations/{*}Obligation/{*}AttributeAssignment")
    assert [one.text for one in assigned] == texts
    assert {one.get("DataType") for one in assigned} == {data_type}
    if data_type == names.XPATH:
        assert assigned[0].get("XPathCategory") == SUBJECT
        assert assigned[0].nsmap["md"] == "urn:md"


def test_policy_sets_are_told_from_policies() -> None:
    asked = document(attributes(), policy_ids=True)

    (result,) = response(policy_set(policy(rule())), asked)

    assert tags(result.find("{*}PolicyIdentifierList")) == [
        "PolicyIdReference",
        "PolicySetIdReference",
    ]


def test_a_message_holds_what_was_wrong() -> None:
    asked = document(attributes(attribute("n", value("[\t"))))
    pattern = apply(V1 + "string-one-and-only", designator("n"))
    silly = apply(V1 + "string-regexp-match", pattern, value("a"))

    (result,) = response(policy(rule("Deny", silly)), asked)

    assert "is no regular expression" in result.findtext("{*}Status/{*}StatusMessage")
