"""A library decides as a policy set of all its policies would, and looks at few of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.rules import Library, Policy, Request, Result, combining, decide, load, names
from provisioning.rules.library import Library as Indexed
from tests.provisioning.rules.writing import (
    NOTHING,
    POLICIES,
    SUBJECT,
    match,
    policy,
    policy_set,
    request,
    rule,
    target,
)

NAMES = ("a", "b")
VALUES = ("1", "2", "3")
matches = st.builds(
    lambda name, text, must: match(name, text, must=must),
    st.sampled_from(NAMES),
    st.sampled_from(VALUES),
    st.booleans(),
)
all_ofs = st.lists(matches, min_size=1, max_size=3).map("".join)
any_ofs = st.lists(all_ofs, min_size=1, max_size=3).map(
    lambda parts: "<AnyOf>" + "".join(f"<AllOf>{one}</AllOf>" for one in parts) + "</AnyOf>"
)
targets = st.lists(any_ofs, max_size=3).map(lambda parts: f"<Target>{''.join(parts)}</Target>")
written = st.lists(st.tuples(targets, st.sampled_from(["Permit", "Deny"])), max_size=5)
requests = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(VALUES), max_size=2)
).map(lambda held: request(**held))


def told(result: Result) -> object:
    return result.extended, result.deciding, result.policy_ids


@settings(max_examples=80, deadline=None)
@given(written, requests, st.sampled_from(sorted(combining.OF_POLICIES)))
def test_the_index_changes_no_decision(
    parts: list[tuple[str, str]], asked: Request, algorithm: str
) -> None:
    texts = [
        policy(rule(effect), name=f"p{n}", where=where)
        for n, (where, effect) in enumerate(parts)
    ]

    by_library = Library(map(load, texts), algorithm).decide(asked)
    as_set = decide(load(policy_set(*texts, algorithm=algorithm)), asked)

    assert by_library.extended is as_set.extended
    assert list(by_library.policy_ids) == [one for one in as_set.policy_ids if not one.is_set]


def many(count: int) -> list[Policy]:
    """As WSO2's templates: one target of three matches, of which one tells them apart."""
    common = match("idp", "partner") + match("action", "provisioning")
    return [
        load(
            policy(
                rule("Deny"),
                name=f"p{number}",
                where=target(match("sp", f"sp{number}") + common),
            )
        )
        for number in range(count)
    ]


class Counting(Indexed):
    def concerned(self, asked: Request) -> list[str]:
        return [one.id for one in self._concerned(asked.bags)]


def test_only_policies_that_may_match_are_looked_at() -> None:
    library = Counting([*many(50), load(policy(rule(), name="always"))])
    asked = request(sp="sp7", idp="partner", action="provisioning")

    assert library.concerned(asked) == ["p7", "always"]
    assert library.concerned(NOTHING) == ["always"]
    assert library.decide(asked).deciding == ("policy p7, rule rule",)


def test_an_attribute_that_cannot_be_read_is_not_one_that_is_not_there() -> None:
    held = {"sp": "x" * 200_000, "idp": "partner", "action": "provisioning"}
    broken = Request.of({SUBJECT: {name: [(names.STRING, held[name])] for name in held}})

    assert Library(many(3)).decide(broken).status.code == names.SYNTAX_ERROR


def test_the_order_of_policies_is_kept() -> None:
    first = POLICIES.format("1.0", "first-applicable")
    where = target(match("a", "1"))
    texts = [
        policy(rule("Permit"), name="p", where=where),
        policy(rule("Deny"), name="q"),
        policy(rule("Deny"), name="r", where=where),
    ]

    library = Library(map(load, texts), first)

    assert library.decide(request(a="1")).deciding == ("policy p, rule rule",)
    assert library.decide(NOTHING).deciding == ("policy q, rule rule",)


def test_an_empty_library_applies_to_nothing() -> None:
    assert str(Library([]).decide(NOTHING).decision) == "NotApplicable"


def test_an_unknown_algorithm_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Library([], "nothing")


def test_threads_share_it() -> None:
    library = Library(many(20))
    asked = [
        request(sp=f"sp{n % 25}", idp="partner", action="provisioning") for n in range(200)
    ]
    alone = [told(library.decide(one)) for one in asked]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda one: told(library.decide(one)), asked)) == alone
