"""What failures have in common: one short text for all that have the same cause.

`scim2.put-user.rejected.400.5d1c9a70`: the connector's type, what was to be done with what,
the reason code, the HTTP status where there was one, and a digest of the reason without what
differs from person to person. Two failures that differ only in names, ids, numbers or
addresses have the same signature, on every machine and in every version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

LENGTH = 160
"""Characters of the longest signature."""

WORDS = 24
"""Words of a reason that count: targets' texts are cut, at a place that names move."""

ALWAYS_ALIKE = frozenset({"ambiguous", "internal", "sealed", "lost_answer", "not_wanted"})
"""Reason codes that say it all: their reasons only add ids."""

_ATTRIBUTES = """
    active addresses alias costcenter country department displayname division email emails
    employeenumber entitlements externalid familyname formatted givenname id ims lastname
    locale locality manager members name nickname organization organizations orgunitpath
    password phonenumbers phones photos postalcode preferredlanguage primary primaryemail
    profileid profileurl recoveryemail recoveryphone region roles schemas streetaddress
    timezone title type username usertype value x509certificates
"""
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
"""Quoted words that are kept: they tell which attribute is wrong, not whose."""

_QUOTED = re.compile(
    r"""(?<!\w)(?:"([^"]*)(?:"|\Z)|'([^']*)'(?!\w)|`([^`]*)`|“([^”]*)”|«([^»]*)»)"""
)
_ADDRESS = re.compile(r"\S+@\S+")
_LETTER = re.compile(r"\w")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_OPAQUE = re.compile(r"\b[0-9a-f]{8,}\b", re.IGNORECASE)
_WITH_DIGIT = re.compile(r"\S*\d\S*")
_PLACES = re.compile(r"…(?:[\s,;:.]*…)+")
_EDGES = "\"'`.,;:!?()[]{}<>"


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known of a failure. `names`: whatever its entity is called, here and there."""

    connector: str
    entity_type: str
    removes: bool
    code: str
    reason: str
    status: int | None = None
    names: frozenset[str] = frozenset()


def signature(failure: Failure) -> str:
    """
    >>> long = Failure("scim2", "user", False, "rejected", "kim: title is too long", 400)
    >>> signature(long)
    'scim2.put-user.rejected.400.276f569a'
    """
    what = f"{'remove' if failure.removes else 'put'}-{failure.entity_type}"
    parts = [failure.connector, what, failure.code or "failed"]
    if failure.status:
        parts.append(str(failure.status))
    if failure.code not in ALWAYS_ALIKE:
        alike = normalised(failure.reason, failure.names)
        parts.append(hashlib.sha256(alike.encode()).hexdigest()[:8])
    return ".".join(parts)[:LENGTH]


def normalised(reason: str, names: Iterable[str] = ()) -> str:
    """The reason with `…` for everything that is about one entity only.

    >>> normalised('POST https://t.example/Users was answered 400 (kim: too long)', {"kim"})
    'post … was answered … (…: too long)'
    >>> normalised("manager 'lee' does not exist")
    'manager … does not exist'
    >>> normalised("'title' must have at most 20 characters")
    'title must have at most … characters'
    """
    text = _URL.sub("…", " ".join(reason.split()).casefold())
    # Names first: one may hold whatever means something further down.
    told = [name for name in _spellings(names) if name in text]
    for name in sorted(told, key=lambda name: (-len(name), name)):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", text)
    text = _QUOTED.sub(_unquoted, text)
    text = _WITH_DIGIT.sub(_masked, _OPAQUE.sub("…", _ADDRESS.sub(_masked, text)))
    return " ".join(_PLACES.sub("…", text).split()[:WORDS])


def _unquoted(match: re.Match[str]) -> str:
    inside = next((group for group in match.groups() if group is not None), "")
    first = re.split(r"[.\[:]", inside, maxsplit=1)[0]
    return inside if first in ATTRIBUTES else "…"


def _masked(match: re.Match[str]) -> str:
    """`…` for a word, with the punctuation that stands around it."""
    word = match.group()
    bare = word.strip(_EDGES)
    return word.replace(bare, "…", 1) if bare else word


def _spellings(names: Iterable[str]) -> set[str]:
    """A name as it may be told: whole, without its store, without its domain."""
    found: set[str] = set()
    for name in names:
        folded = " ".join(name.split()).casefold()
        bare = folded.rpartition("/")[2]
        found |= {folded, bare, bare.partition("@")[0]}
    return {name for name in found if _LETTER.search(name)}
