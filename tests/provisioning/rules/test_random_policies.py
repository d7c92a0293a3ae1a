"""Random policies, decided by the product and by an evaluator written from the standard.

The evaluator here knows no closures, marks or indexes: it walks the same tree of Python values
from which the XML is written, and follows the tables of chapter 7 to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.rules import Outcome, decide, load, names
from tests.provisioning.rules import test_combining as tables
from tests.provisioning.rules.writing import (
    V1,
    apply,
    designator,
    match,
    obligation,
    policy,
    policy_set,
    request,
    rule,
    value,
)

Asked = Mapping[str, Sequence[str]]
Effect = str
NAMES, VALUES = ("a", "b"), ("1", "2")
NAMED = {"Permit": Outcome.PERMIT, "Deny": Outcome.DENY}
FAILED = {
    Outcome.PERMIT: Outcome.INDETERMINATE_P,
    Outcome.DENY: Outcome.INDETERMINATE_D,
}


class Unknown(Exception):
    """Indeterminate."""


@dataclass(frozen=True)
class Match:
    name: str
    text: str
    must: bool

    def xml(self) -> str:
        return match(self.name, self.text, must=self.must)

    def value(self, asked: Asked) -> bool:
        bag = asked.get(self.name, ())
        if not bag and self.must:
            raise Unknown
        return self.text in bag


@dataclass(frozen=True)
class Test:
    """A condition: a match of one and only one value, or and, or, not of others."""

    operator: str
    parts: tuple[Any, ...] = ()
    name: str = ""
    text: str = ""

    __test__ = False

    def xml(self) -> str:
        if self.operator == "one":
            only = apply(V1 + "string-one-and-only", designator(self.name))
            return apply(V1 + "string-equal", only, value(self.text))
        return apply(V1 + self.operator, *(part.xml() for part in self.parts))

    def value(self, asked: Asked) -> bool:
        if self.operator == "one":
            bag = asked.get(self.name, ())
            if len(bag) != 1:
                raise Unknown
            return bag[0] == self.text
        if self.operator == "not":
            return not self.parts[0].value(asked)
        return settle((part.value for part in self.parts), asked, self.operator == "or")


def settle(values: Any, asked: Asked, by: bool) -> bool:
    unknown = False
    for one in values:
        try:
            if one(asked) is by:
                return by
        except Unknown:
            unknown = True
    if unknown:
        raise Unknown
    return not by


Target = tuple[tuple[tuple[Match, ...], ...], ...]


def target_xml(target: Target) -> str:
    any_ofs = "".join(
        "<AnyOf>"
        + "".join(f"<AllOf>{''.join(one.xml() for one in all_of)}</AllOf>" for all_of in any_of)
        + "</AnyOf>"
        for any_of in target
    )
    return f"<Target>{any_ofs}</Target>"


def matches(target: Target, asked: Asked) -> bool:
    """Tables 1, 2 and 3."""

    def all_of(one: tuple[Match, ...]) -> Callable[[Asked], bool]:
        return lambda given: settle((part.value for part in one), given, by=False)

    def any_of(one: tuple[tuple[Match, ...], ...]) -> Callable[[Asked], bool]:
        return lambda given: settle((all_of(part) for part in one), given, by=True)

    return settle((any_of(one) for one in target), asked, by=False)


@dataclass(frozen=True)
class Rule:
    effect: Effect
    target: Target
    condition: Test | None
    duty: Effect

    def xml(self, number: int) -> str:
        return rule(
            self.effect,
            self.condition.xml() if self.condition else "",
            name=f"r{number}",
            where=target_xml(self.target),
            duties=obligation("of a rule", self.duty, value("x")),
        )

    def value(self, asked: Asked) -> tuple[Outcome, list[str]]:
        """Table 4."""
        outcome = NAMED[self.effect]
        try:
            if not matches(self.target, asked):
                return Outcome.NOT_APPLICABLE, []
            if self.condition is not None and not self.condition.value(asked):
                return Outcome.NOT_APPLICABLE, []
        except Unknown:
            return FAILED[outcome], []
        return outcome, ["of a rule"] if self.duty == self.effect else []


@dataclass(frozen=True)
class Policy:
    """Of rules, or a set of policies."""

    algorithm: str
    target: Target
    children: tuple[Any, ...]
    duty: Effect
    of: str = field(default="rule")

    def xml(self, number: int) -> str:
        write = policy if self.of == "rule" else policy_set
        return write(
            *(child.xml(10 * number + place) for place, child in enumerate(self.children)),
            algorithm=names.URN + self.algorithm,
            name=f"p{number}",
            where=target_xml(self.target),
            duties=obligation(f"of p{number}", self.duty, value("x")),
        )

    def value(self, asked: Asked, number: int) -> tuple[Outcome, list[str]]:
        """Tables 5, 6 and 7."""
        try:
            applies, unknown = matches(self.target, asked), False
        except Unknown:
            applies, unknown = True, True
        if not applies:
            return Outcome.NOT_APPLICABLE, []
        outcome, duties = self.combined(asked, number)
        if unknown:
            return FAILED.get(outcome, outcome), []
        own = [f"of p{number}"] if NAMED[self.duty] is outcome else []
        return outcome, duties + own

    def combined(self, asked: Asked, number: int) -> tuple[Outcome, list[str]]:
        known = tables.RULES if self.of == "rule" else tables.POLICIES
        told: list[tuple[Outcome, list[str]]] = []
        for place, child in enumerate(self.children):
            more = () if self.of == "rule" else (10 * number + place,)
            told.append(child.value(asked, *more))
            if self.halts(told[-1][0]):
                break
        outcome = known[self.algorithm]([one for one, _ in told])
        return outcome, [duty for one, duties in told if one is outcome for duty in duties]

    def halts(self, outcome: Outcome) -> bool:
        """Children after the decision are not evaluated, and oblige to nothing."""
        if "deny-overrides" in self.algorithm or "permit-unless-deny" in self.algorithm:
            return outcome is Outcome.DENY
        if "permit-overrides" in self.algorithm or "deny-unless-permit" in self.algorithm:
            return outcome is Outcome.PERMIT
        return outcome is not Outcome.NOT_APPLICABLE


effects = st.sampled_from(["Permit", "Deny"])
match_ = st.builds(Match, st.sampled_from(NAMES), st.sampled_from(VALUES), st.booleans())
one_or_two = {"min_size": 1, "max_size": 2}
target_ = st.lists(
    st.lists(st.lists(match_, **one_or_two).map(tuple), **one_or_two).map(tuple),
    max_size=2,  # type: ignore[arg-type]  # sizes
).map(tuple)
test_ = st.recursive(
    st.builds(Test, st.just("one"), name=st.sampled_from(NAMES), text=st.sampled_from(VALUES)),
    lambda inner: st.one_of(
        st.builds(Test, st.sampled_from(["and", "or"]), st.lists(inner, max_size=3).map(tuple)),
        st.builds(Test, st.just("not"), st.tuples(inner)),
    ),
    max_leaves=4,
)
rule_ = st.builds(Rule, effects, target_, st.one_of(st.none(), test_), effects)
policy_ = st.builds(
    Policy,
    st.sampled_from(sorted(tables.RULES)),
    target_,
    st.lists(rule_, max_size=4).map(tuple),
    effects,
)
# only-one-applicable asks for targets, which the tables of outcomes do not know.
of_policies = sorted(name for name in tables.POLICIES if "only-one" not in name)
set_ = st.builds(
    Policy,
    st.sampled_from(of_policies),
    target_,
    st.lists(policy_, max_size=3).map(tuple),
    effects,
    st.just("policy"),
)
legacy_of_policies = "1.0:policy-combining-algorithm:deny-overrides"
asked_ = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(VALUES), min_size=1, max_size=2)
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(policy_, set_), asked_)
def test_both_decide_the_same(tree: Policy, asked: Asked) -> None:
    outcome, duties = tree.value(asked, 1)

    result = decide(load(tree.xml(1)), request(**asked))

    assert result.extended is outcome
    assert [one.id for one in result.obligations] == duties
