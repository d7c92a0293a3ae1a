"""Requests in XML: what is taken, and how many decisions one document asks for."""

from __future__ import annotations

import pytest

from provisioning.rules import RequestRefused, names, parse_request
from tests.provisioning.rules.asking import (
    RECORD,
    attribute,
    attributes,
    document,
    pointer,
    response,
    results,
)
from tests.provisioning.rules.writing import (
    NS,
    V1,
    apply,
    designator,
    match,
    policy,
    rule,
    target,
    value,
)

KIM = attribute("name", value("kim"))
IS_KIM = policy(rule(where=target(match("name", "kim"))))
OTHER = "urn:other"

BAD = {
    "no attributes": (document(), "Request takes RequestDefaults? Attributes+"),
    "no category": (document(attributes(KIM)).replace("Category", "Cat"), "lacks the"),
    "no id list": (
        document(attributes(KIM)).replace("ReturnPolicyIdList", "R"),
        "lacks the attr",
    ),
    "no value": (document(attributes(attribute("name"))), "Attribute takes AttributeValue+"),
    "text for a value": (document(attributes(attribute("name", "kim"))), "not nothing"),
    "no data type": (
        document(attributes(KIM)).replace("DataType", "Type"),
        "AttributeValue lacks the attribute DataType",
    ),
    "neither true nor false": (
        document(attributes(KIM)).replace('IncludeInResult="false"', 'IncludeInResult="no"'),
        "IncludeInResult is neither true nor false",
    ),
    "the wrong order": (
        document(attributes(KIM, "<Content><a/></Content>")),
        "Attributes takes Content? Attribute*",
    ),
    "content of two": (document(attributes(content="<a/><b/>")), "Content takes one element"),
    "a policy": (IS_KIM, "Policy is not Request"),
    "XACML 2.0": (
        document(attributes(KIM)).replace(names.NAMESPACE, names.URN + "2.0:context:schema:os"),
        "XACML 2.0 is not supported",
    ),
    "a dangling reference": (
        document(
            attributes(KIM, reference="a"),
            "<MultiRequests><RequestReference><AttributesReference ReferenceId='b'/>"
            "</RequestReference></MultiRequests>",
        ),
        "there are no Attributes with the xml:id b",
    ),
    "one id twice": (
        document(
            attributes(KIM, reference="a"),
            attributes(KIM, reference="a"),
            "<MultiRequests><RequestReference><AttributesReference ReferenceId='a'/>"
            "</RequestReference></MultiRequests>",
        ),
        "ID a already defined",
    ),
    "too many decisions": (
        document(
            *(attributes(KIM, category=f"urn:{n % 10}") for n in range(100)),
        ),
        "more than 1000 decisions are asked for",
    ),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_it_is_refused(name: str) -> None:
    asked, why = BAD[name]

    with pytest.raises(RequestRefused) as refused:
        parse_request(asked)

    assert why in str(refused.value)


def told(found: object) -> list[str]:
    return [str(one.decision) for one in found]  # type: ignore[attr-defined]


def test_one_request_asks_for_one_decision() -> None:
    assert told(results(IS_KIM, document(attributes(KIM)))) == ["Permit"]


def test_values_of_unknown_types_are_passed_over() -> None:
    strange = attribute("name", value("x", "urn:strange"))

    assert told(results(IS_KIM, document(attributes(strange, KIM)))) == ["Permit"]


def test_a_value_that_cannot_be_read_counts_when_it_is_asked_for() -> None:
    age = attribute("age", value("old", names.INTEGER))
    asking = apply(
        V1 + "integer-is-in", value(1, names.INTEGER), designator("age", names.INTEGER)
    )

    (unread,) = results(IS_KIM, document(attributes(KIM, age)))
    (read,) = results(policy(rule(condition=asking)), document(attributes(KIM, age)))

    assert unread.status.code == names.OK
    assert read.status.code == names.SYNTAX_ERROR
    assert "age: 'old' is no integer" in read.status.message


def test_categories_that_repeat_ask_for_every_combination() -> None:
    lee = attribute("name", value("lee"))

    found = results(
        IS_KIM,
        document(
            attributes(KIM),
            attributes(lee),
            attributes(category=OTHER),
            attributes(category=OTHER),
        ),
    )

    assert told(found) == ["Permit", "Permit", "NotApplicable", "NotApplicable"]


def test_references_choose_what_belongs_together() -> None:
    lee = attribute("name", value("lee"))

    def reference(*wanted: str) -> str:
        inner = "".join(f"<AttributesReference ReferenceId='{one}'/>" for one in wanted)
        return f"<RequestReference>{inner}</RequestReference>"

    asked = document(
        attributes(KIM, reference="k"),
        attributes(lee, reference="l"),
        attributes(category=OTHER, reference="o"),
        f"<MultiRequests>{reference('l', 'o')}{reference('k')}{reference('o')}</MultiRequests>",
    )

    assert told(results(IS_KIM, asked)) == ["NotApplicable", "Permit", "NotApplicable"]


def test_a_multiple_selector_asks_for_every_node() -> None:
    where = f' ContextSelectorId="{names.CONTENT_SELECTOR}"'
    selector = (
        f'<AttributeSelector xmlns:md="urn:md" Category="{OTHER}" Path="md:name" '
        f'DataType="{names.STRING}" MustBePresent="true"{where}/>'
    )
    is_lisa = policy(rule(condition=apply(V1 + "string-is-in", value("Lisa"), selector)))

    def asked(path: str) -> str:
        pointing = attribute(
            names.MULTIPLE_CONTENT_SELECTOR, pointer(path, OTHER), echoed=False
        )
        return document(attributes(pointing, category=OTHER, content=RECORD))

    assert told(results(is_lisa, asked("//md:patient"))) == ["NotApplicable", "Permit"]
    for wrong in ("//md:x", "1 + 1"):
        (result,) = results(is_lisa, asked(wrong))
        assert (result.decision.value, result.status.code) == (
            "Indeterminate",
            names.SYNTAX_ERROR,
        )


class TestCombinedDecision:
    TWO = (attributes(KIM), attributes(attribute("name", value("lee"))))

    def test_different_decisions_are_indeterminate(self) -> None:
        (result,) = response(IS_KIM, document(*self.TWO, combined=True))

        assert result.findtext("{*}Decision") == "Indeterminate"
        assert "the decisions differ" in result.findtext("{*}Status/{*}StatusMessage")

    def test_equal_decisions_are_one(self) -> None:
        echoed = attribute("name", value("kim"), echoed=True)

        (result,) = response(
            policy(rule("Deny")),
            document(attributes(echoed), attributes(echoed), combined=True, policy_ids=True),
        )

        assert [str(one.tag).rpartition("}")[2] for one in result] == [
            "Decision",
            "Status",
            "PolicyIdentifierList",
        ]
        assert result.findtext("{*}Decision") == "Deny"

    def test_obligations_cannot_be_combined(self) -> None:
        duties = (
            '<ObligationExpressions><ObligationExpression ObligationId="o" FulfillOn="Permit"/>'
            "</ObligationExpressions>"
        )

        (result,) = response(policy(rule(), duties=duties), document(*self.TWO, combined=True))

        assert result.findtext("{*}Decision") == "Indeterminate"


def test_a_bare_request_is_no_policy_namespace() -> None:
    with pytest.raises(RequestRefused, match="lacks the attribute CombinedDecision"):
        parse_request(f"<Request {NS} ReturnPolicyIdList='true'><Attributes/></Request>")
