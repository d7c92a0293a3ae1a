"""From local claims to what a connector is given: the target's attributes, in its dialect.

Nothing here changes what it is given: each identity provider has a view of its own, with
its own names for roles.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import Dialect, EntityType
from idp import claims, expressions, local_claims, scim1
from idp.expressions import ExpressionFailed, ExpressionRefused
from idp.models import (
    PRIMARY,
    ClaimDialect,
    ClaimMapping,
    IdentityProvider,
    OutboundConnector,
)
from provisioning import remote_paths
from provisioning.subjects import Subject

ROLES = frozenset(claims.DIALECT + name for name in ("role", "roles", "groups"))
"""The claims whose values are names of roles: told in the identity provider's words."""

_NOTHING: tuple[Any, ...] = (None, "", [])


class Unmappable(Exception):
    """An expression has no answer: nothing is sent rather than a part of it."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What became of one row: a value (None: nothing to send), or the problem with it."""

    row: ClaimMapping
    value: Any = None
    problem: str = ""


def payload(subject: Subject, connector: OutboundConnector) -> dict[str, Any]:
    """What a job carries about its entity: everything delivery needs to send it whole.

    `attributes` in the connector's dialect; `create_only` by remote path, used when the
    account is made and left alone afterwards. Raises `Unmappable`.
    """
    attributes, create_only = attributes_for(subject, connector)
    return {**bare(subject), "attributes": attributes, "create_only": create_only}


def bare(subject: Subject) -> dict[str, Any]:
    """What identifies an entity: enough to delete it."""
    known = {"external_id": subject.external_id, "active": subject.active}
    return nothing_known(subject.name) | known


def nothing_known(name: str) -> dict[str, Any]:
    """The payload of an entity of which there is nothing but its name."""
    return {
        "name": name,
        "external_id": "",
        "active": False,
        "attributes": {},
        "create_only": {},
    }


def attributes_for(
    subject: Subject, connector: OutboundConnector
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The attributes, and those that count at creation only; a group has none of its own.

    Raises `Unmappable`.
    """
    if subject.type is not EntityType.USER:
        return {}, {}
    dialect = dialect_of(connector)
    provider = connector.provider
    if provider.claim_dialect == ClaimDialect.CUSTOM:
        return assembled(mapped(subject, provider, provider.claim_rows), dialect)
    if dialect is not Dialect.FLAT:
        document = copy.deepcopy(dict(subject.document))
        return (scim1.told(document) if dialect is Dialect.SCIM1 else document), {}
    known = claims_of(subject)
    told = {uri: _roles(provider, known[uri]) for uri in ROLES & known.keys()}
    return known | {uri: names for uri, names in told.items() if names}, {}


def may_fail(provider: IdentityProvider) -> bool:
    """Whether there can be people of whom it makes nothing."""
    is_own = provider.claim_dialect == ClaimDialect.CUSTOM
    return is_own and any(row.expression for row in provider.claim_rows)


def dialect_of(connector: OutboundConnector) -> Dialect:
    try:
        return connector.connector_class.dialect
    except (LookupError, ImportError):
        return Dialect.FLAT


def mapped(
    subject: Subject, provider: IdentityProvider, rows: Sequence[ClaimMapping]
) -> list[Mapped]:
    """What each row makes of this person; for real, and for who tries rows out."""
    known = claims_of(subject)
    scope = _scope(subject, provider, known) if any(row.expression for row in rows) else {}
    return [_mapped(row, provider, known, scope) for row in rows]


def _mapped(
    row: ClaimMapping,
    provider: IdentityProvider,
    known: Mapping[str, Any],
    scope: expressions.Scope | str,
) -> Mapped:
    if row.constant:
        return Mapped(row, row.constant)
    if not row.expression:
        value = known.get(row.local)
    elif isinstance(scope, str):
        return Mapped(row, problem=scope)
    else:
        try:
            value = expressions.compile(row.expression).evaluate(scope)
        except (ExpressionFailed, ExpressionRefused) as error:
            return Mapped(row, problem=str(error))
    if row.local in ROLES or (provider.role_claim and row.remote == provider.role_claim):
        value = _roles(provider, value)
    return Mapped(row, (row.default or None) if value in _NOTHING else value)


def _scope(
    subject: Subject, provider: IdentityProvider, known: Mapping[str, Any]
) -> expressions.Scope | str:
    """What expressions see, or why they cannot."""
    store = subject.store or PRIMARY
    try:
        return expressions.scope(
            claims=known,
            groups=sorted(subject.groups),
            username=subject.name.removeprefix(f"{store}/"),
            store=store,
            tenant=subject.tenant.domain,
            idp=provider.name,
        )
    except ExpressionFailed as error:
        return str(error)


def assembled(
    found: Iterable[Mapped], dialect: Dialect
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows as attributes and attributes of creation. Raises `Unmappable`."""
    attributes: dict[str, Any] = {}
    create_only: dict[str, Any] = {}
    for number, one in enumerate(found, 1):
        row = one.row
        if one.problem:
            raise Unmappable(f"claim mapping row {number} ({row.remote}): {one.problem}")
        if one.value in _NOTHING:
            continue
        value = _as_text(one.value) if dialect is Dialect.FLAT else one.value
        if row.create_only:
            create_only[row.remote] = value
        else:
            _write(attributes, row.remote, value, dialect)
    return attributes, create_only


def _as_text(value: Any) -> Any:
    """Flat dialects hold texts and lists of texts."""
    if isinstance(value, list):
        return [_as_text(entry) for entry in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _roles(provider: IdentityProvider, value: Any) -> Any:
    """Names of roles as the identity provider has them, in a list of its own."""
    if not isinstance(value, list):
        return value
    names = (provider.remote_role(name) if isinstance(name, str) else name for name in value)
    return list(dict.fromkeys(name for name in names if name is not None))


def claims_of(subject: Subject) -> dict[str, Any]:
    profile = claims.Profile(
        username=subject.name,
        external_id=subject.external_id,
        active=subject.active,
        document=subject.document,
        id=str(subject.id),
        groups=sorted(subject.groups),
    )
    return local_claims.table_of(subject.tenant).read_claims(profile)


def merge(
    attributes: Mapping[str, Any], by_path: Mapping[str, Any], dialect: Dialect
) -> dict[str, Any]:
    """The attributes with some remote paths set, in the connector's dialect."""
    merged = copy.deepcopy(dict(attributes))
    for path, value in by_path.items():
        _write(merged, path, value, dialect)
    return merged


def pick(
    attributes: Mapping[str, Any], paths: Mapping[str, Any], dialect: Dialect
) -> dict[str, Any]:
    """The values that some remote paths have in `attributes`, where they have one."""
    found = {path: _read(attributes, path, dialect) for path in paths}
    return {path: value for path, value in found.items() if value is not None}


def without(
    attributes: Mapping[str, Any], paths: Iterable[str], dialect: Dialect
) -> dict[str, Any]:
    """The attributes without what stands under some remote paths."""
    left = copy.deepcopy(dict(attributes))
    for path in paths:
        if dialect is Dialect.FLAT:
            left.pop(path, None)
        else:
            remote_paths.remove_all(left, _spoken(path, dialect))
    return left


def _write(attributes: dict[str, Any], path: str, value: Any, dialect: Dialect) -> None:
    if dialect is Dialect.FLAT:
        attributes[path] = value
    else:
        remote_paths.write(attributes, _spoken(path, dialect), value)


def _read(attributes: Mapping[str, Any], path: str, dialect: Dialect) -> Any:
    if dialect is Dialect.FLAT:
        return attributes.get(path)
    return remote_paths.read(attributes, _spoken(path, dialect))


def _spoken(path: str, dialect: Dialect) -> str:
    """An identity provider's rows serve all its connectors, whichever SCIM they speak."""
    return scim1.name_of(path) if dialect is Dialect.SCIM1 else path
