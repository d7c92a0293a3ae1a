"""Failures with one cause have one signature, whoever they are about."""

from __future__ import annotations

import dataclasses
import doctest
import string
import uuid

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provisioning import signatures
from provisioning.signatures import Failure, normalised, signature

REASONS = (
    "POST https://target.example/scim/v2/Users was answered 400 (invalidValue: {name})",
    'PUT https://target.example/Users/{id} was answered 422 (user "{name}" has no manager)',
    "PATCH https://target.example/Users/{id} was answered 409 (member {id} of {name})",
    "{name}: title is too long ({number} characters, at most 20)",
    "the mailbox {email} of {name} is full; ticket {number}",
    "no licence left for {email}, request-id={id}",
    "Refused as members: {name}. entry {id} is locked until {number}",
    "gave up after {number} hours: no answer from https://target.example:8443/Users/{id}",
)
TEMPLATE_WORDS = {
    word for reason in REASONS for word in normalised(reason.format_map(
        {"name": "", "id": "", "number": "", "email": ""}
    )).split()
}  # fmt: skip

name_parts = st.text(string.ascii_letters + "äßéЖ中-_' ", min_size=3, max_size=20)
names = st.one_of(
    name_parts,
    st.builds("{}/{}".format, st.text(string.ascii_uppercase, min_size=3), name_parts),
    st.builds("{}@{}.example".format, name_parts, st.text(string.ascii_lowercase, min_size=3)),
)
ids = st.one_of(
    st.uuids().map(str),
    st.integers(0, 10**12).map(str),
    st.builds("005{}".format, st.text(string.ascii_letters + string.digits, max_size=15)),
    st.binary(min_size=6, max_size=16).map(lambda raw: raw.hex()),
)
emails = st.builds("{0}@{0}.example".format, st.text(string.ascii_lowercase, min_size=1))


@st.composite
def tellings(draw: st.DrawFn) -> dict[str, str]:
    name = " ".join(draw(names).split())
    words = set(name.casefold().replace("/", " ").replace("@", " ").split())
    # Who is called like a word of the sentence takes it out of the sentence.
    assume(len(name.strip("-_'/@ ")) > 2 and not words & {"", *_plain_words()})
    return {
        "name": name,
        "id": draw(ids),
        "number": str(draw(st.integers(0, 10**6))),
        "email": draw(emails),
    }


def _plain_words() -> set[str]:
    return {word.strip(":;,.()…=\"'") for word in TEMPLATE_WORDS}


def told(reason: str, values: dict[str, str]) -> str:
    known = frozenset({values["name"], values["id"]})
    failure = Failure("scim2", "user", False, "rejected", "", 400, known)
    return signature(dataclasses.replace(failure, reason=reason.format_map(values)))


@given(st.sampled_from(REASONS), tellings(), tellings())
def test_what_differs_only_in_names_and_ids_is_alike(
    reason: str, one: dict[str, str], other: dict[str, str]
) -> None:
    assert told(reason, one) == told(reason, other)


@given(tellings())
def test_different_causes_stay_apart(values: dict[str, str]) -> None:
    assert len({told(reason, values) for reason in REASONS}) == len(REASONS)


@given(st.text(max_size=400), st.frozensets(st.text(max_size=30), max_size=3))
def test_any_text_has_a_signature_and_nothing_else_decides(
    reason: str, known: frozenset[str]
) -> None:
    failure = Failure("x" * 64, "group", True, "c" * 32, reason, 500, known)

    assert signature(failure) == signature(failure)
    assert len(signature(failure)) <= signatures.LENGTH


@pytest.mark.parametrize(
    "change",
    [
        {"connector": "google"},
        {"entity_type": "group"},
        {"removes": True},
        {"code": "gave_up"},
        {"status": 500},
        {"status": None},
        {"reason": "department is too long"},
    ],
)
def test_each_part_tells_failures_apart(change: dict[str, object]) -> None:
    failure = Failure("scim2", "user", False, "rejected", "title is too long", 400)

    assert signature(failure) != signature(dataclasses.replace(failure, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "alike"),
    [
        ("3 entries at the target match kim: a1, b2, c3", "… entries at the target match …"),
        ("'department' is missing", "department is missing"),
        ('Attribute "name.familyName" is missing', "attribute name.familyname is missing"),
        ("can't read it, kim's is there", "can't read it, …'s is there"),
        (f"entry {uuid.UUID(int=7)}: locked", "entry …: locked"),
        ('half a text, "cut off somewh', "half a text, …"),
    ],
)
def test_what_is_kept_of_a_reason(reason: str, alike: str) -> None:
    assert normalised(reason, {"kim"}) == alike


def test_reasons_that_add_only_ids_do_not_count() -> None:
    failure = Failure("scim2", "user", False, "ambiguous", "2 entries match kim: r, s")

    assert signature(failure) == "scim2.put-user.ambiguous"


def test_the_examples_hold() -> None:
    assert doctest.testmod(signatures).failed == 0
