"""Local claims: names for places in a user.

`http://wso2.org/claims/givenname` names `name.givenName` of the canonical document.
A claim value is a text, or a list of texts for a multi-valued claim. An empty value takes
the claim away. Writing a claim changes only its place; claims that name the same place
(`region` and `stateorprovince`; `emailaddress` and `emails.work` when the work address
is the primary one) change together.

The functions of this module know the built-in claims; `local_claims.table_of` answers a
tenant's, with those it has defined itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from idp.claim_places import CUSTOM, ENTERPRISE, Every, InvalidClaim, Leading, Profile, Value
from idp.claim_table import DIALECT, TABLE, Claim
from idp.models import User

__all__ = [
    "BUILT_IN",
    "CUSTOM",
    "DIALECT",
    "ENTERPRISE",
    "NAMING",
    "TABLE",
    "Claim",
    "ClaimTable",
    "InvalidClaim",
    "Profile",
    "UnknownClaim",
    "Value",
    "claim",
    "profile_of",
    "read",
    "read_claims",
    "write",
    "write_claims",
]

NAMING = frozenset({DIALECT + "username", DIALECT + "userprincipal"})
"""The claims that are the user's name: writing one renames."""


class UnknownClaim(LookupError):
    """There is no local claim of that URI; the message is a sentence."""


class ClaimTable:
    """Claims by URI, read and written together."""

    def __init__(self, entries: Sequence[Claim]) -> None:
        self.entries = tuple(entries)
        self._by_uri = {entry.uri: entry for entry in entries}
        self._reads = [(entry.uri, entry.place.read) for entry in entries]

    def claim(self, uri: str) -> Claim:
        """The claim of that URI. Raises `UnknownClaim`, with the nearest one there is."""
        if found := self._by_uri.get(uri):
            return found
        near = get_close_matches(uri, self._by_uri, n=1, cutoff=0.85)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownClaim(f"there is no claim {uri}{hint}")

    def has(self, uri: str) -> bool:
        return uri in self._by_uri

    def read(self, uri: str, profile: Profile) -> Value | None:
        """The claim's value, None when it has none. Raises `UnknownClaim`."""
        return self.claim(uri).place.read(profile)

    def read_claims(self, profile: Profile) -> dict[str, Value]:
        """Every claim that has a value."""
        return {uri: value for uri, read in self._reads if (value := read(profile)) is not None}

    def write(self, uri: str, value: Any, profile: Profile) -> Profile:
        """The profile with that claim written. Raises `UnknownClaim` and `InvalidClaim`."""
        return self.write_claims({uri: value}, profile)

    def write_claims(self, values: Mapping[str, Any], profile: Profile) -> Profile:
        """The profile with all these claims written; the one given is not touched.

        A claim that has its value already is not written, so that giving back all that was
        read, with one claim changed, changes that one. Raises `UnknownClaim`,
        `InvalidClaim`.
        """
        wanted = {self.claim(uri): value for uri, value in values.items()}
        checked = {entry: _checked(entry, value) for entry, value in wanted.items()}
        changed = {c: v for c, v in checked.items() if c.place.read(profile) != v}
        written = replace(profile, document=deepcopy(dict(profile.document)))
        for entry in sorted(changed, key=_breadth):
            try:
                written = entry.place.write(written, changed[entry])
            except InvalidClaim as error:
                raise InvalidClaim(f"{entry.uri} {error}") from error
        for entry, value in changed.items():
            written = _assert_leading(entry, value, written)
        return written


BUILT_IN = ClaimTable(TABLE)

claim = BUILT_IN.claim
read, read_claims = BUILT_IN.read, BUILT_IN.read_claims
write, write_claims = BUILT_IN.write, BUILT_IN.write_claims


def profile_of(user: User, groups: Sequence[str] = ()) -> Profile:
    """The user as claims see them; `groups` are full names (memberships are not loaded)."""
    return Profile(
        username=user.full_name,
        external_id=user.external_id,
        active=user.active,
        document=user.document,
        id=str(user.pk),
        created=user.created.isoformat(),
        modified=user.modified.isoformat(),
        groups=groups,
    )


def _breadth(entry: Claim) -> int:
    """Broad places are written before the narrow ones within them."""
    return {Every: 0, Leading: 1}.get(type(entry.place), 2)


def _assert_leading(entry: Claim, value: Value | None, profile: Profile) -> Profile:
    """Primary and typed entry were one, and are given two values: they become two."""
    place = entry.place
    if not value or not isinstance(place, Leading) or place.read(profile) == value:
        return profile
    return place.put_first(profile, value)


def _checked(entry: Claim, value: Any) -> Value | None:
    """The value as a claim holds it: None when empty. A bool is told as a word."""
    uri = entry.uri
    if isinstance(value, bool):
        value = "true" if value else "false"
    if value is None or isinstance(value, str):
        text = value or None
        return [text] if text and entry.multivalued else text
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise InvalidClaim(f"{uri} must be a text or a list of texts, not {value!r}")
    texts = [v for v in value if v]
    if entry.takes_list:
        return texts or None
    if len(texts) > 1:
        raise InvalidClaim(f"{uri} takes one value, not {len(texts)}")
    return texts[0] if texts else None
