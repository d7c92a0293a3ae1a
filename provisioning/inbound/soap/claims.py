"""Operations on claims, by the uris of the tenant's claims.

A claim of several values is one text here, its values separated by commas, as WSO2 has it.
Such a text given back as it was read changes nothing, whatever commas are in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from idp import by_claim
from idp.claims import (
    DIALECT,
    NAMING,
    Claim,
    ClaimTable,
    InvalidClaim,
    Profile,
    UnknownClaim,
    Value,
    profile_of,
)
from idp.local_claims import table_of
from idp.models import User
from provisioning.inbound.soap.calls import Call, Outcomes, data_of
from provisioning.inbound.soap.faults import meaningless, wrong
from provisioning.inbound.soap.names import MOST
from provisioning.inbound.soap.parameters import Given
from provisioning.mapping import ROLES

SEPARATOR = ","
PROFILE = "default"
Values = Mapping[str, Sequence[str]]


def check_profile(given: Given, parameter: str = "profileName") -> None:
    """People have one profile. Raises `SoapFault` for any other."""
    name = given.optional(parameter)
    if name and name != PROFILE:
        raise wrong(parameter, f"there is one profile, {PROFILE}, and no {name[:80]!r}.")


# written


def set_one(call: Call, given: Given) -> Outcomes:
    return _set(call, given, {given.text("claimURI"): [given.optional("claimValue")]})


def set_several(call: Call, given: Given) -> Outcomes:
    return _set(call, given, given.claims())


def add_one(call: Call, given: Given) -> Outcomes:
    return _add(call, given, {given.text("claimURI"): [given.optional("claimValue")]})


def add_several(call: Call, given: Given) -> Outcomes:
    return _add(call, given, given.claims())


def delete_one(call: Call, given: Given) -> Outcomes:
    return _set(call, given, {given.text("claimURI"): [""]})


def delete_several(call: Call, given: Given) -> Outcomes:
    return _set(call, given, {uri: [""] for uri in given.texts("claims")})


def _set(call: Call, given: Given, values: Values) -> Outcomes:
    check_profile(given)
    name = given.text("userName")
    return call.change_user(
        name, lambda user: data_of(written(call, values, _profile(call, user)))
    )


def _add(call: Call, given: Given, values: Values) -> Outcomes:
    check_profile(given)
    name = given.text("userName")

    def added(user: User) -> Any:
        before = _profile(call, user)
        wanted = {
            uri: _with(_claim(table_of(call.tenant), uri), before, texts)
            for uri, texts in values.items()
        }
        return data_of(written(call, wanted, before))

    return call.change_user(name, added)


def _with(claim: Claim, before: Profile, texts: Sequence[str]) -> list[str]:
    """The values it has and those it gets, each once, compared without case."""
    held = _values(claim.place.read(before))
    new = [part for text in texts for part in _parts(claim, text)]
    known = {one.casefold() for one in held}
    return [*held, *(one for one in dict.fromkeys(new) if one.casefold() not in known)] or [""]


def written(call: Call, values: Values, profile: Profile) -> Profile:
    """The profile with these claims written. Raises `SoapFault`."""
    table = table_of(call.tenant)
    wanted: dict[str, Any] = {}
    for uri, texts in values.items():
        claim = _claim(table, uri)
        held = claim.place.read(profile)
        if list(texts) not in ([joined(held)], _values(held)):
            wanted[uri] = _given(claim, held, texts)
    try:
        return table.write_claims(wanted, profile)
    except InvalidClaim as error:
        raise wrong("claims", f"{error}.") from error


def _given(claim: Claim, held: Value | None, texts: Sequence[str]) -> Value:
    if claim.multivalued or isinstance(held, list):
        return [part for text in texts for part in _parts(claim, text, several=True)]
    return texts[0] if len(texts) == 1 else list(texts)


def _parts(claim: Claim, text: str, *, several: bool = False) -> list[str]:
    if not (several or claim.multivalued):
        return [text] if text else []
    return [part.strip() for part in text.split(SEPARATOR) if part.strip()]


# read


def get_one(call: Call, given: Given) -> str | None:
    profile = _read(call, given)
    return (
        joined(_claim(table_of(call.tenant), given.text("claim")).place.read(profile)) or None
    )


def get_several(call: Call, given: Given) -> list[dict[str, str]]:
    """Those of the claims asked for that have a value."""
    profile = _read(call, given)
    table = table_of(call.tenant)
    asked = [_claim(table, uri) for uri in given.texts("claims")]
    return [
        {"claimURI": claim.uri, "value": joined(held)}
        for claim in asked
        if (held := claim.place.read(profile)) is not None
    ]


def get_all(call: Call, given: Given) -> list[dict[str, Any]]:
    """Every claim that has a value, but those that are secret."""
    profile = _read(call, given)
    found = []
    for order, claim in enumerate(table_of(call.tenant).entries):
        held = None if claim.secret else claim.place.read(profile)
        if held is not None:
            found.append(_told(claim, order, joined(held)))
    return found


def _told(claim: Claim, order: int, value: str) -> dict[str, Any]:
    return {
        "claimUri": claim.uri,
        "description": claim.display_name,
        "dialectURI": _dialect(claim.uri),
        "displayOrder": order,
        "displayTag": claim.display_name,
        "regEx": None,
        "required": claim.required,
        "supportedByDefault": claim.shown,
        "value": value,
    }


def _dialect(uri: str) -> str:
    """A uri without its last part; those of ours may have several."""
    if uri.startswith(DIALECT):
        return DIALECT.rstrip("/")
    return uri[: max(uri.rfind("/"), uri.rfind(":"))]


def _read(call: Call, given: Given) -> Profile:
    check_profile(given)
    return _profile(call, call.names.user(given.text("userName")))


def _profile(call: Call, user: User) -> Profile:
    refs = call.reader.groups_of_users([user.pk]).get(user.pk, ())
    return profile_of(user, sorted(ref.name for ref in refs))


# who has it


def holders(call: Call, given: Given) -> list[str]:
    """The names of those whose claim has that value, compared without case."""
    check_profile(given, "profile")
    uri, value = given.text("claimUri"), given.text("claimValue")
    claim = _claim(table_of(call.tenant), uri, "claimUri")
    if uri in NAMING:
        return call.names.users_like(value, MOST, "claimValue")
    if uri in ROLES:
        role = call.names.find_role(value)
        return [] if role is None else call.names.members(role)
    if claim.secret:
        raise wrong("claimUri", f"nobody is looked for by {uri}.")
    if call.passes:
        raise meaningless(
            "getUserList",
            "people are sent onward and not stored (dumb mode): what is known of them but "
            "their names is sealed.",
        )
    found = (user.full_name for user in by_claim.holders(call.tenant, uri, value))
    return sorted(_seen(call, found))[:MOST]


def _seen(call: Call, names: Iterable[str]) -> Iterator[str]:
    return (name for name in names if call.names.full_name(name) == name)


def profile_names(call: Call, given: Given) -> list[str]:
    call.names.user(given.text("userName"))
    return [PROFILE]


def all_profile_names(call: Call, given: Given) -> list[str]:
    return [PROFILE]


def joined(value: Value | None) -> str:
    return value if isinstance(value, str) else SEPARATOR.join(value or ())


def _values(value: Value | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _claim(table: ClaimTable, uri: str, parameter: str = "claims") -> Claim:
    try:
        return table.claim(uri)
    except UnknownClaim as error:
        raise wrong(parameter, f"{error}.") from error
