"""Policies and requests made to hurt: refused at once, or Indeterminate within the bounds.

Time is measured as work done (`Evaluation.work`), not by the clock; one generous test of the
processor's time is at the end.
"""

from __future__ import annotations

import time

import pytest

from provisioning.rules import (
    Decision,
    PolicyRefused,
    Reference,
    Repository,
    Request,
    RequestRefused,
    Result,
    decide,
    limits,
    load,
    names,
    parse_request,
)
from tests.provisioning.rules.writing import (
    NOTHING,
    SUBJECT,
    V1,
    V2,
    V3,
    apply,
    deciding,
    designator,
    function,
    policy,
    policy_set,
    request,
    rule,
    value,
)

BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
LAUGHS = f'<!DOCTYPE Policy [<!ENTITY e0 "ha">{BOMB}]>'


def variables(count: int, first: str, function_: str) -> list[str]:
    """v0 is `first`, and each of the others is made of two of the one before."""
    made = [f'<VariableDefinition VariableId="v0">{first}</VariableDefinition>']
    for number in range(1, count + 1):
        before = f'<VariableReference VariableId="v{number - 1}"/>'
        made.append(
            f'<VariableDefinition VariableId="v{number}">'
            f"{apply(function_, before, before)}</VariableDefinition>"
        )
    return made


def last(count: int) -> str:
    return f'<VariableReference VariableId="v{count}"/>'


def nested(depth: int) -> str:
    inner = value("true", names.BOOLEAN)
    return f'<Apply FunctionId="{V1}not">' * depth + inner + "</Apply>" * depth


class TestDocuments:
    @pytest.mark.parametrize(
        "document",
        [
            LAUGHS + policy(rule(condition="&e11;")),
            LAUGHS + policy(rule(name="&e11;")),
            '<!DOCTYPE Policy SYSTEM "file:///etc/passwd">' + policy(rule()),
            "<!DOCTYPE x [<!ENTITY % y SYSTEM 'http://127.0.0.1:1/'> %y;]>" + policy(rule()),
        ],
    )
    def test_entities_are_refused(self, document: str) -> None:
        for given in (document, document.encode(), document.encode("utf-16")):
            with pytest.raises(PolicyRefused):
                load(given)
        with pytest.raises(RequestRefused):
            parse_request(document)

    def test_five_megabytes_are_refused_unread(self) -> None:
        huge = policy(rule(condition=value("x" * 5_000_000)))

        with pytest.raises(PolicyRefused, match="more than the 1000000 bytes allowed"):
            load(huge)
        with pytest.raises(RequestRefused, match="bytes allowed"):
            parse_request(huge.encode())

    @pytest.mark.parametrize("depth", [99, 250, 5000])
    def test_nesting_has_an_end(self, depth: int) -> None:
        with pytest.raises(PolicyRefused, match=r"elements within another|[Ee]xcessive depth"):
            load(policy(rule(condition=nested(depth))))

    def test_nesting_that_is_taken_can_be_evaluated(self) -> None:
        assert deciding(nested(90)).decision is Decision.PERMIT


class TestVariables:
    def test_chains_have_an_end(self) -> None:
        with pytest.raises(PolicyRefused, match=r"deep|too many others"):
            load(policy(*variables(150, value("true", names.BOOLEAN), V1 + "and")))

    def test_long_chains_of_deep_expressions_have_one_too(self) -> None:
        parts = [
            f'<VariableDefinition VariableId="v{n}">'
            + nested(80).replace(
                value("true", names.BOOLEAN), f'<VariableReference VariableId="v{n + 1}"/>'
            )
            + "</VariableDefinition>"
            for n in range(90)
        ]
        end = variables(0, value("true", names.BOOLEAN), V1 + "and")[0].replace("v0", "v90")

        with pytest.raises(PolicyRefused, match="deep"):
            load(policy(*parts, end))

    def test_doubling_costs_one_evaluation_each(self) -> None:
        """Without memory the first of these would be evaluated 2 to the 45 times."""
        result = deciding(
            last(45), NOTHING, *variables(45, value("true", names.BOOLEAN), V1 + "and")
        )

        assert result.decision is Decision.PERMIT

    @pytest.mark.parametrize(
        ("first", "doubling", "compare", "why"),
        [
            (
                value("x" * 1000),
                V2 + "string-concatenate",
                V1 + "string-equal",
                "the string is too long",
            ),
            (
                value("9" * 900, names.INTEGER),
                V1 + "integer-multiply",
                V1 + "integer-equal",
                "the integer is too long",
            ),
            (value("9" * 900, names.INTEGER), V1 + "integer-add", V1 + "integer-equal", None),
        ],
    )
    def test_values_have_a_longest(
        self, first: str, doubling: str, compare: str, why: str | None
    ) -> None:
        count = 40
        same = apply(compare, last(count), last(count))

        result = deciding(same, NOTHING, *variables(count, first, doubling))

        assert result.decision is (Decision.INDETERMINATE if why else Decision.PERMIT)
        assert result.status.message == (why or "")


class TestValues:
    @pytest.mark.parametrize(
        ("data_type", "text"),
        [
            (names.INTEGER, "9" * 900_000),
            (names.DOUBLE, "9" * 900_000),
            (names.DATE, "99999-01-01"),
            (names.DATE_TIME, "2002-03-22T09:00:00." + "0" * 900_000),
            (names.DAY_TIME, "P" + "9" * 30 + "D"),
            (names.YEAR_MONTH, "P" + "9" * 30 + "Y"),
        ],
    )
    def test_numbers_out_of_range_are_refused(self, data_type: str, text: str) -> None:
        with pytest.raises(PolicyRefused, match="line 1: "):
            load(policy(rule(condition=value(text, data_type))))

    def test_in_a_request_they_are_a_syntax_error(self) -> None:
        result = deciding(
            apply(
                V1 + "integer-is-in", value("1", names.INTEGER), designator("n", names.INTEGER)
            ),
            request(names.INTEGER, n="9" * 50_000),
        )

        assert (result.decision, result.status.code) == (
            Decision.INDETERMINATE,
            names.SYNTAX_ERROR,
        )


def exhausted(result: Result) -> bool:
    return (result.decision, result.status.code, result.status.message) == (
        Decision.INDETERMINATE,
        names.PROCESSING_ERROR,
        "the decision takes too much work",
    )


class TestWork:
    def test_products_of_bags_have_an_end(self) -> None:
        bag = designator("n")
        less = apply(V3 + "any-of-any", function(V1 + "string-greater-than"), bag, bag)
        assert exhausted(deciding(less, request(n=["a"] * 2000)))

    @pytest.mark.parametrize(
        ("name", "first", "second"),
        [("all-of-any", "b", "z"), ("any-of-all", "a", "b"), ("all-of-all", "b", "a")],
    )
    def test_so_have_pairs_of_bags(self, name: str, first: str, second: str) -> None:
        greater = apply(
            V1 + name, function(V1 + "string-greater-than"), designator("n"), designator("m")
        )
        asked = request(n=[*[first] * 2000, "z"], m=[*[second] * 2000, "a"])

        assert exhausted(deciding(greater, asked))

    def test_sets_of_large_bags_are_no_products(self) -> None:
        bag = designator("n")
        large = request(n=[str(number) for number in range(20_000)])

        subset = apply(V1 + "string-subset", bag, bag)

        assert deciding(subset, large).decision is Decision.PERMIT

    @pytest.mark.parametrize("pattern", ["(a*)*b", "(a|a)*b", "(x+x+)+y", "(.*){1,30}[bc]$"])
    def test_patterns_never_hang(self, pattern: str) -> None:
        match = apply(V1 + "string-regexp-match", value(pattern), value("a" * 5000))

        assert deciding(match).decision in (Decision.NOT_APPLICABLE, Decision.INDETERMINATE)

    def test_wide_patterns_on_long_texts_are_too_much(self) -> None:
        pattern = value("(([ab]{0,50}){0,20})c")

        assert exhausted(
            deciding(apply(V1 + "string-regexp-match", pattern, value("ab" * 9000)))
        )

    def test_patterns_of_a_request_cost_what_making_them_costs(self) -> None:
        patterns = request(p=[f"a{{{number}}}b" for number in range(1, 1000)])
        any_of = apply(
            V3 + "any-of", function(V1 + "string-regexp-match"), designator("p"), value("a")
        )

        assert exhausted(deciding(any_of, patterns))

    def test_references_do_not_multiply_without_end(self) -> None:
        """Three levels of a hundred references each: a million policies."""
        levels = [policy(rule("Permit"), name="p0").encode()]
        for level in range(1, 4):
            kind = "PolicySetIdReference" if level > 1 else "PolicyIdReference"
            inner = f"<{kind}>p{level - 1}</{kind}>" * 100
            levels.append(policy_set(inner, name=f"p{level}").encode())
        inner_of = Repository({str(n): one for n, one in enumerate(levels)}, load)

        top = inner_of(Reference("p3", is_set=True))

        assert top is not None
        assert exhausted(decide(top, NOTHING))

    def test_policies_within_policies_have_an_end(self) -> None:
        levels = [policy_set(name="p0").encode()]
        for level in range(1, 60):
            inner = f"<PolicySetIdReference>p{level - 1}</PolicySetIdReference>"
            levels.append(policy_set(inner, name=f"p{level}").encode())

        with pytest.raises(PolicyRefused, match=r"policies deep|too many policies"):
            Repository({str(n): one for n, one in enumerate(levels)}, load)(
                Reference("p59", is_set=True)
            )


def test_the_whole_budget_is_spent_quickly() -> None:
    """Many times less than it takes, so that a busy machine does not matter."""
    bag = designator("n")
    slow = apply(V1 + "all-of-any", function(V1 + "x500Name-match"), bag, bag)
    wide = Request.of({SUBJECT: {"n": [(names.X500_NAME, "CN=a,O=b")] * 2000}})
    slow = slow.replace(names.STRING, names.X500_NAME)
    made = load(policy(rule(condition=apply(V1 + "not", slow))))

    start = time.process_time()
    decide(made, wide)

    assert time.process_time() - start < 1
    assert limits.WORK < 100_000
