"""Content: selectors, expressions as values, and their bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.rules import Decision, Result, names, xpath
from tests.provisioning.rules.asking import (
    RECORD,
    attribute,
    attributes,
    document,
    pointer,
    results,
)
from tests.provisioning.rules.writing import (
    SUBJECT,
    V1,
    V3,
    apply,
    policy,
    rule,
    value,
)

MD = 'xmlns:md="urn:md"'


def selected(
    path: str, data_type: str = names.STRING, more: str = "", must: str = "false"
) -> str:
    return (
        f'<AttributeSelector {MD} Category="{SUBJECT}" Path="{path}" DataType="{data_type}" '
        f'MustBePresent="{must}"{more}/>'
    )


def expression(path: str, category: str = SUBJECT) -> str:
    return pointer(path, category).replace("<AttributeValue", f"<AttributeValue {MD}")


def decided(condition: str, *given_: str, content: str = RECORD) -> Result:
    (result,) = results(
        policy(rule(condition=condition)), document(attributes(*given_, content=content))
    )
    return result


def equals(path: str, *expected: str) -> Result:
    wanted = apply(V1 + "string-bag", *(value(one) for one in expected))
    return decided(apply(V1 + "string-set-equals", selected(path), wanted))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/md:record/md:patient/md:name/text()", ["Bart", "Lisa"]),
        ("md:record/md:patient/md:name", ["Bart", "Lisa"]),
        ("//md:patient/@id", ["p1", "p2"]),
        ("./md:record//md:name", ["Bart", "Lisa"]),
        ("*/*/@*", ["p1", "p2"]),
        ("//md:patient[md:age &gt; 8]/md:name", ["Bart"]),
        ("//md:patient[@id='p2']/md:name | md:record/md:patient[1]/@id", ["Lisa", "p1"]),
        ("(md:record/md:patient)[last()]/md:name", ["Lisa"]),
        ("//md:name[../md:age = 8]", ["Lisa"]),
        ("md:record/md:patient[count(md:name) = 1 and @id != 'p1']/@id", ["p2"]),
        ("child::md:record/child::md:patient[position() mod 2 = 1]/@id", ["p1"]),
        ("//md:nothing", []),
    ],
)
def test_paths_select_values(path: str, expected: list[str]) -> None:
    assert equals(path, *expected).decision is Decision.PERMIT


def test_a_pointer_says_where_a_path_starts() -> None:
    name = "urn:context"
    path = selected("md:name/text()", more=f' ContextSelectorId="{name}"')
    is_lisa = apply(V1 + "string-is-in", value("Lisa"), path)

    def at(*paths: str) -> Result:
        given_ = [attribute(name, *(pointer(one) for one in paths))] if paths else []
        return decided(is_lisa, *given_)

    assert at("//md:patient[2]").decision is Decision.PERMIT
    assert at("//md:patient[1]").decision is Decision.NOT_APPLICABLE
    for wrong in (("//md:patient",), (), ("//md:x",), ("//@id",), ("/", "/")):
        assert at(*wrong).status.code == names.SYNTAX_ERROR


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (
            apply(V1 + "string-is-in", value("x"), selected("//md:x", must="true")),
            names.MISSING_ATTRIBUTE,
        ),
        (
            apply(
                V1 + "integer-is-in",
                value(1, names.INTEGER),
                selected("//md:name", names.INTEGER),
            ),
            names.PROCESSING_ERROR,
        ),
        (apply(V1 + "string-is-in", value("x"), selected("count(//md:x)")), names.SYNTAX_ERROR),
        (
            apply(V1 + "string-is-in", value("x"), selected("//namespace::*")),
            names.SYNTAX_ERROR,
        ),
    ],
)
def test_what_cannot_be_selected_is_indeterminate(condition: str, code: str) -> None:
    assert decided(condition).status.code == code


def test_without_content_nothing_is_selected() -> None:
    of_record = apply(V1 + "string-is-in", value("x"), selected("//md:name"))
    none = apply(
        V1 + "integer-equal",
        apply(V3 + "xpath-node-count", expression("//md:name")),
        value(0, names.INTEGER),
    )

    assert decided(of_record, content="").decision is Decision.NOT_APPLICABLE
    assert decided(none, content="").decision is Decision.PERMIT


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("xpath-node-equal", "//md:name", "//md:patient[1]/*", True),
        ("xpath-node-equal", "//md:name", "//md:age", False),
        ("xpath-node-equal", "//@id", "//md:patient[2]/@id", True),
        ("xpath-node-match", "//md:patient[1]", "//md:name", True),
        ("xpath-node-match", "//md:patient[1]", "//md:patient[2]/md:name", False),
        ("xpath-node-match", "/md:record", "//@id", True),
        ("xpath-node-match", "//md:name", "//md:name/text()", True),
        ("xpath-node-match", "//md:name", "/md:record", False),
    ],
)
def test_nodes_are_compared(name: str, one: str, other: str, expected: bool) -> None:
    result = decided(apply(V3 + name, expression(one), expression(other)))

    assert (result.decision is Decision.PERMIT) is expected


def test_nodes_are_counted() -> None:
    count = apply(V3 + "xpath-node-count", expression("//md:patient/*"))

    result = decided(apply(V1 + "integer-equal", count, value(4, names.INTEGER)))

    assert result.decision is Decision.PERMIT


@pytest.mark.parametrize(
    ("path", "sweeps"),
    [
        ("/a/b", 0),
        ("a/b[@c]", 0),
        ("//a", 1),
        ("//a[//b[//c]]", 3),
        ("a[/b[/c]]", 2),
        ("a/..", 1),
        ("descendant::a/following::b", 2),
        ("a[preceding-sibling::b]", 1),
        ("'//..'", 0),
    ],
)
def test_the_cost_of_a_path_is_known_before_it_runs(path: str, sweeps: int) -> None:
    assert xpath.judge(path)[0] == sweeps


@pytest.mark.parametrize(
    ("path", "absolute"),
    [
        ("a/b", "/a/b"),
        ("/a", "/a"),
        (".//a", "/.//a"),
        ("@a | b", "/@a|/b"),
        ("count(a)", "count(/a)"),
        ("a[b]/c", "/a[b]/c"),
        ("a * b", "/a * /b"),
        ("div div div", "/div div /div"),
        ("text()", "/text()"),
        ("-a + 1", "-/a+1"),
    ],
)
def test_outer_paths_start_at_the_document(path: str, absolute: str) -> None:
    assert xpath.judge(path)[1] == absolute


def test_paths_that_could_run_for_hours_do_not_run() -> None:
    wide = f"<a>{'<b><c/></b>' * 5000}</a>"
    slow = selected("//*[count(//*[count(//*) = 1]) = 1]")

    result = decided(apply(V1 + "string-is-in", value("x"), slow), content=wide)

    assert (result.decision, result.status.code) == (
        Decision.INDETERMINATE,
        names.PROCESSING_ERROR,
    )
    assert "could take too long" in result.status.message


@pytest.mark.parametrize(
    "path",
    ["document('x')", "re:test('a', 'b')", "//a[$x]", "a b", "//", "a[", "", "x:a", "'a"],
)
def test_other_languages_are_refused(path: str) -> None:
    with pytest.raises(xpath.BadXPath):
        xpath.compiled(path, {})


@given(st.text(alphabet="ab/@[]()*.|'=:$1- ", max_size=30))
def test_any_text_is_a_path_or_refused(path: str) -> None:
    try:
        judged = xpath.compiled(path, {})
    except xpath.BadXPath:
        return
    assert judged.sweeps >= 0
