from __future__ import annotations

import sys
import threading
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from idp import claim_rows, claims, expressions
from idp.claims import DIALECT
from idp.expressions import ExpressionFailed, ExpressionRefused, sizes

TITLE = DIALECT + "title"
PHONES = DIALECT + "phoneNumbers"


def scope(**more: Any) -> expressions.Scope:
    values: dict[str, Any] = {
        "claims": {TITLE: "Engineer", PHONES: ["1", "2"]},
        "groups": ["Internal/admin", "STAFF/sales", "sales"],
        "username": "kim",
        "store": "STAFF",
        "tenant": "acme.example",
        "idp": "partner",
    }
    return expressions.scope(**{**values, **more})


def value_of(text: str, **more: Any) -> Any:
    return expressions.compile(text).evaluate(scope(**more))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"claims['{TITLE}'] + ' (' + store + ')'", "Engineer (STAFF)"),
        ("username + '@' + tenant", "kim@acme.example"),
        ("'STAFF/sales' in groups", True),
        ("size(groups)", 3),
        ("1.5", 1.5),
        ("null", None),
        ("idp.upperAscii()", "PARTNER"),
        ("size(username) > 2 ? username.substring(0, 2) : username", "ki"),
        (f"claims['{PHONES}'][0]", "1"),
        (f"claims['{PHONES}'].map(p, '+' + p)", ["+1", "+2"]),
        ("groups.filter(g, g.startsWith('STAFF/')).map(g, g.substring(6)).join(';')", "sales"),
        ("groups.exists(g, g == 'sales') ? 'yes' : 'no'", "yes"),
        ("groups.exists_one(g, g == 'sales') && groups.all(g, size(g) > 1)", True),
        ("'a-b'.split('-')", ["a", "b"]),
        ("tenant.replace('.', '-')", "acme-example"),
        ("tenant.matches('^acme[.]')", True),
        (f"'{TITLE}' in claims ? 'there' : 'not there'", "there"),
        ("string(size(groups)) + ' groups'", "3 groups"),
        ("[]", []),
    ],
)
def test_an_expression_sees_the_person_and_gives_a_value(text: str, value: Any) -> None:
    found = value_of(text)

    assert found == value
    assert type(found) is type(value)


def test_a_claim_the_person_does_not_have_is_no_value() -> None:
    assert value_of(f"claims['{TITLE}'] + '!'", claims={}) is None
    assert value_of(f"claims['{TITLE}'] + '!'", claims={TITLE: "Boss"}) == "Boss!"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 +", "line 1, position 4: Syntax error: it ends too early"),
        ("store +\n  foo", "line 2, position 3: undeclared reference to 'foo'"),
        ("1 + 'a'", "line 1, position 3: found no matching overload"),
        ("{'a': 1}", "it gives a MAP<STRING, INT>; it must give a text"),
        ("claims", "it gives a MAP"),
        ("b'a'", "it gives a BYTES"),
        ("groups.map(g, [g])", "it gives a LIST<LIST<STRING>>"),
        ("'%s'.format([1])", "format() is not available"),
        ("timestamp('2026-01-01T00:00:00Z')", "timestamp() is not available"),
        ("(" * 40 + "1" + ")" * 40, "recursion limit"),
        ("'" + "x" * 2_050 + "'", "at most 2048 characters"),
        ("", "Syntax error"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        expressions.compile(text)

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "divide by zero"),
        (f"claims['{TITLE}'] + 1", "No matching overloads"),
        ("username.substring(0, 8)", "greater than"),
        ("'a'.split('@')[1]", "index=1 size=1"),
        ("int('x')", ""),
        ("[1, [2]]", "it must give a text"),
        ("1.0 / 0.0", "it gives no number"),
    ],
)
def test_without_an_answer_it_says_why(text: str, said: str) -> None:
    with pytest.raises(ExpressionFailed) as failed:
        value_of(text)

    assert said in str(failed.value)
    assert "[INVALID_ARGUMENT]" not in str(failed.value)


BOMBS = [
    "'aaaaaaaaaaaaaaaaaaaa'" + ".replace('a', 'aaaaaaaaaaaaaaaaaaaa')" * 8,
    "groups.map(a, groups.map(b, groups.map(c, a + b + c).join('')).join('')).join('')",
    "groups.map(a, groups.map(b, a + b).join(',')).join(',')",
    "groups.map(a, a.matches('(' + groups.join('|') + ')'))",
    "groups.exists(a, groups.exists(b, groups.exists(c, a + b + c == 'x')))",
]


@pytest.mark.parametrize("text", BOMBS)
def test_one_that_would_take_long_is_stopped_before_it_does(text: str) -> None:
    many = [f"group-{number:05}" for number in range(400)]

    with pytest.raises(ExpressionFailed, match="too long"):
        value_of(text, groups=many)


def test_what_is_too_much_for_a_crowd_of_groups_is_fine_for_a_few() -> None:
    assert value_of(BOMBS[2], groups=["a", "b"]) == "aa,ab,ba,bb"


def test_inputs_and_results_have_a_size() -> None:
    with pytest.raises(ExpressionFailed, match=f"the claim {TITLE} is too large"):
        scope(claims={TITLE: "x" * 70_000})
    with pytest.raises(ExpressionFailed, match="list of groups is too large"):
        scope(groups=["x"] * 6_000)
    with pytest.raises(ExpressionFailed, match="more than 16384 characters"):
        value_of(f"claims['{TITLE}'] + 'x'", claims={TITLE: "x" * 16_384})


ATOMS = st.sampled_from(
    ["username", "store", "'ab'", "groups.join('')", "string(size(groups))", "tenant.trim()"]
)
TEXTS = st.recursive(
    ATOMS,
    lambda inner: (
        st.builds("{} + {}".format, inner, inner)
        | st.builds("({}).replace('a', {})".format, inner, ATOMS)
        | st.builds("groups.map(g, g + ({})).join('-')".format, inner)
        | st.builds("(size({}) > 4 ? {} : store)".format, ATOMS, inner)
        | st.builds("({}).split('-').join('')".format, inner)
    ),
    max_leaves=6,
)


@given(TEXTS, st.lists(st.text("ab-", max_size=6), max_size=6))
def test_nothing_becomes_larger_than_was_foreseen(text: str, groups: list[str]) -> None:
    try:
        expression = expressions.compile(text)
    except ExpressionRefused:
        reject()  # nested too deeply
    given_scope = scope(groups=groups)
    walk = sizes._Walk({name: sizes.size_of(value) for name, value in given_scope.items()})
    try:
        foreseen = walk.size(expression._tree, 1)
    except sizes.TooMuch:
        return

    value = expression.evaluate(given_scope)

    assert isinstance(value, str)
    assert len(value) <= foreseen.weight


def test_one_compiled_expression_serves_many_threads() -> None:
    expression = expressions.compile("username + '-' + groups.map(g, g + '!').join(',')")
    assert expressions.compile(expression.text) is expression
    wrong: list[Any] = []

    def ask(name: str) -> None:
        for number in range(200):
            found = expression.evaluate(scope(username=name, groups=[str(number)]))
            if found != f"{name}-{number}!":
                wrong.append(found)

    threads = [threading.Thread(target=ask, args=(f"user{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_without_its_wheel_the_feature_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    expressions._environment.cache_clear()

    with pytest.raises(ExpressionRefused, match="cel-expr-python, which is not installed"):
        expressions.compile("'never compiled before'")

    monkeypatch.undo()
    assert expressions.compile("'never compiled before'").evaluate(scope())


def test_names_of_claims_are_checked_when_it_is_saved() -> None:
    def wrong(expression: str, local: str = "") -> dict[str, str]:
        return claim_rows.problems(claims.BUILT_IN, local, expression)

    assert wrong(f"claims['{TITLE}']") == {}
    assert wrong("", TITLE) == {}
    unknown = wrong(f"store +\nclaims['{DIALECT}tittle']")["expression"]
    assert unknown == (
        f"line 2, position 9: there is no claim {DIALECT}tittle; did you mean {TITLE}?"
    )
    assert "there is no claim title" in wrong("claims.title")["expression"]
    assert "there is no claim x" in wrong("'x' in claims")["expression"]
    assert "there is no claim nonesuch" in wrong("", "nonesuch")["local"]
