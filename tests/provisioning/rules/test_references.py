"""Policies by reference: which version, and no circles."""

from __future__ import annotations

import pytest

from provisioning.rules import (
    Decision,
    Policy,
    PolicyRefused,
    Reference,
    Repository,
    decide,
    load,
)
from tests.provisioning.rules.writing import NOTHING, policy, policy_set, rule


def reference(name: str, *, of_set: bool = False, **bounds: str) -> str:
    kind = "PolicySetIdReference" if of_set else "PolicyIdReference"
    attributes = "".join(f' {key}="{bound}"' for key, bound in bounds.items())
    return f"<{kind}{attributes}>{name}</{kind}>"


def repository(*documents: str) -> Repository:
    return Repository({str(i): one.encode() for i, one in enumerate(documents)}, load)


@pytest.mark.parametrize(
    ("pattern", "takes", "takes_not"),
    [
        ("1.2", ["1.2"], ["1.2.0", "1.3", "1", "12"]),
        ("1.*", ["1.0", "1.20"], ["1", "1.2.3", "2.0"]),
        ("1.*.3", ["1.2.3"], ["1.2.4", "1.2"]),
        ("1.+", ["1.0", "1.2.3"], ["1", "2.0"]),
        ("+", ["1", "1.2.3"], []),
        ("*", ["1"], ["1.0"]),
    ],
)
def test_a_version_is_a_pattern(pattern: str, takes: list[str], takes_not: list[str]) -> None:
    wanted = Reference("p", is_set=False, version=pattern)

    assert [version for version in takes if not wanted.takes(version)] == []
    assert [version for version in takes_not if wanted.takes(version)] == []


@pytest.mark.parametrize(
    ("earliest", "latest", "taken"),
    [
        ("1.2", None, ["1.2", "1.10", "2"]),
        (None, "1.2", ["1", "1.1", "1.2"]),
        ("1.1", "1.10", ["1.1", "1.2", "1.10"]),
        (None, "1.*", ["1", "1.1", "1.2", "1.10"]),
        ("1.*", None, ["1.1", "1.2", "1.10", "2"]),
        ("2.+", None, []),
    ],
)
def test_versions_have_bounds(
    earliest: str | None, latest: str | None, taken: list[str]
) -> None:
    wanted = Reference("p", is_set=False, earliest=earliest, latest=latest)

    versions = ["1", "1.1", "1.2", "1.10", "2"]
    assert [version for version in versions if wanted.takes(version)] == taken


def test_the_newest_version_that_will_do_is_taken() -> None:
    versions = [
        policy(rule("Permit" if version == "1.10" else "Deny"), name="p", version=version)
        for version in ("1.2", "1.10", "1.9", "2.0")
    ]

    one = load(policy_set(reference("p", LatestVersion="1.+")), repository(*versions))

    assert decide(one, NOTHING).decision is Decision.PERMIT


def test_a_policy_and_a_set_may_have_one_name() -> None:
    inner = repository(policy(rule(), name="x"), policy_set(name="x"))

    one = load(policy_set(reference("x"), reference("x", of_set=True)), inner)

    assert [child.name.is_set for child in one.children if isinstance(child, Policy)] == [
        False,
        True,
    ]


def test_what_is_not_referred_to_may_be_anything() -> None:
    others = repository("<nonsense", "<x/>", policy("<Rule/>", name="q"), policy(rule()))

    assert load(policy_set(reference("policy")), others)


def test_a_bad_policy_is_refused_where_it_is_named() -> None:
    inner = repository(policy("\n", rule("Allow"), name="p"))

    with pytest.raises(PolicyRefused) as refused:
        load(policy_set("\n\n" + reference("p")), inner)

    assert str(refused.value) == (
        "line 3: policy p is refused: line 2: Allow is neither Permit nor Deny"
    )


def test_circles_are_refused() -> None:
    a = policy_set(reference("b", of_set=True), name="a")
    b = policy_set(reference("c", of_set=True), name="b")
    c = policy_set(reference("a", of_set=True), name="c")

    with pytest.raises(PolicyRefused, match="policies refer to each other in a circle: a → b"):
        load(a, repository(a, b, c))


def test_a_set_may_not_name_itself() -> None:
    own = policy_set(reference("set", of_set=True))

    with pytest.raises(PolicyRefused, match="in a circle: set → set"):
        load(own, repository(own))
    with pytest.raises(PolicyRefused, match="there is no policy set set"):
        load(own, repository())


def test_a_refusal_leaves_nothing_behind() -> None:
    own = policy_set(reference("set", of_set=True))
    for _ in range(2):
        with pytest.raises(PolicyRefused, match="in a circle: set → set"):
            load(own, repository(own))


def test_a_policy_that_many_name_is_loaded_once() -> None:
    loads: list[bytes] = []

    def counting(document: bytes, references: object) -> Policy:
        loads.append(document)
        return load(document)

    inner = Repository({"p": policy(rule(), name="p").encode()}, counting)

    one = load(policy_set(reference("p"), reference("p"), reference("p")), inner)

    assert (len(one.children), len(loads)) == (3, 1)
