"""Claims as they come, as local claims: renamed by the identity provider's rows, and cleaned
of what it may not decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idp.claims import DIALECT, NAMING, ClaimTable, InvalidClaim, UnknownClaim, Value
from idp.local_claims import table_of
from idp.models import ClaimDialect
from provisioning.jit.logins import Login, NotAdmitted
from provisioning.mapping import ROLES

OURS = f"{DIALECT}identity/"
"""What the user store knows of accounts themselves."""
ACTIVE = f"{DIALECT}active"


@dataclass(frozen=True, slots=True)
class Incoming:
    """`values` by local claim; `roles` in the identity provider's words, None for unsaid."""

    table: ClaimTable
    username: str
    values: Mapping[str, Value]
    roles: Sequence[str] | None


def read(login: Login) -> Incoming:
    """Raises `NotAdmitted`."""
    table = table_of(login.tenant)
    values: dict[str, Value] = {}
    for name, value in _renamed(login, table).items():
        if name in NAMING or name in ROLES:
            continue  # the name is the user id claim's, roles have rules of their own
        if problem := _problem(table, name, value):
            if login.strict:
                raise NotAdmitted(problem, f"claims.{name}")
            continue
        values[name] = _value(value)  # type: ignore[assignment]  # it has one: no problem
    return Incoming(table, _username(login), values, _roles(login))


def _renamed(login: Login, table: ClaimTable) -> Mapping[str, Any]:
    """In an own dialect only what its rows name comes in; constants, defaults and expressions
    are for the way out."""
    provider = login.provider
    if provider.claim_dialect != ClaimDialect.CUSTOM:
        special = {provider.user_id_claim, provider.role_claim}
        return {
            name: value
            for name, value in login.claims.items()
            if name not in special or table.has(name)
        }
    return {
        row.local: login.claims[row.remote]
        for row in provider.claim_rows
        if row.local and row.remote in login.claims
    }


def _problem(table: ClaimTable, name: str, value: Any) -> str:
    if name.startswith(OURS) or name == ACTIVE:
        return "is not for an identity provider to say"
    try:
        claim = table.claim(name)
    except UnknownClaim as error:
        return str(error)
    if claim.read_only:
        return "is read-only"
    if _value(value) is None:
        return "must be a text, a number, a truth value, or a list of them"
    return ""


def _value(value: Any) -> Value | None:
    if isinstance(value, list):
        texts = [_text(one) for one in value]
        return None if None in texts else [text for text in texts if text is not None]
    return _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) and "\0" not in value else None


def _username(login: Login) -> str:
    """By the user id claim, else the subject."""
    claim = login.provider.user_id_claim
    given = login.claims.get(claim) if claim else None
    if claim and not (isinstance(given, str) and given.strip()):
        raise NotAdmitted(f"the user id claim {claim} did not come", "claims")
    return str(given or login.subject).strip()


def _roles(login: Login) -> Sequence[str] | None:
    claim = login.provider.role_claim
    if login.roles is not None or not claim or claim not in login.claims:
        return login.roles
    given = login.claims[claim]
    listed = given if isinstance(given, list) else [given] if given not in (None, "") else []
    if not all(isinstance(one, str) for one in listed):
        raise NotAdmitted("roles are texts", f"claims.{claim}")
    return listed


def write(incoming: Incoming, values: Mapping[str, Value], profile: Any) -> Any:
    """The profile with these claims. Raises `NotAdmitted`."""
    try:
        return incoming.table.write_claims(values, profile)
    except InvalidClaim as error:
        raise NotAdmitted(str(error), "claims") from error
