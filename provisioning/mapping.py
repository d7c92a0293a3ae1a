"""From local claims to what a connector is given: the target's attributes, in its dialect."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from connectors import Dialect
from idp import claims
from idp.models import ClaimDialect, ClaimMapping, OutboundConnector
from provisioning import remote_paths
from provisioning.subjects import Subject


def payload(subject: Subject, connector: OutboundConnector) -> dict[str, Any]:
    """What a job carries about its entity: everything delivery needs to send it whole.

    `attributes` in the connector's dialect; `create_only` by remote path, used when the
    account is made and left alone afterwards.
    """
    attributes, create_only = attributes_for(subject, connector)
    return {**bare(subject), "attributes": attributes, "create_only": create_only}


def bare(subject: Subject) -> dict[str, Any]:
    """What identifies an entity: enough to delete it."""
    return {
        "name": subject.name,
        "external_id": subject.external_id,
        "active": subject.active,
        "attributes": {},
        "create_only": {},
    }


def attributes_for(
    subject: Subject, connector: OutboundConnector
) -> tuple[dict[str, Any], dict[str, Any]]:
    scim = dialect_of(connector) is Dialect.SCIM
    provider = connector.provider
    if provider.claim_dialect == ClaimDialect.CUSTOM:
        return _custom(subject, provider.claim_rows, scim)
    if scim:
        return copy.deepcopy(dict(subject.document)), {}
    return claims_of(subject), {}


def dialect_of(connector: OutboundConnector) -> Dialect:
    try:
        return connector.connector_class.dialect
    except (LookupError, ImportError):
        return Dialect.FLAT


def _custom(
    subject: Subject, rows: list[ClaimMapping], scim: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    known = claims_of(subject)
    attributes: dict[str, Any] = {}
    create_only: dict[str, Any] = {}
    for row in rows:
        value = _value(row, known)
        if value in (None, "", []):
            continue
        if row.create_only:
            create_only[row.remote] = value
        elif scim:
            remote_paths.write(attributes, row.remote, value)
        else:
            attributes[row.remote] = value
    return attributes, create_only


def _value(row: ClaimMapping, known: Mapping[str, Any]) -> Any:
    if row.constant:
        return row.constant
    value = known.get(row.local)
    return row.default if value in (None, "", []) else value


def claims_of(subject: Subject) -> dict[str, Any]:
    profile = claims.Profile(
        username=subject.name,
        external_id=subject.external_id,
        active=subject.active,
        document=subject.document,
        id=str(subject.id),
        groups=sorted(subject.groups),
    )
    return claims.read_claims(profile)


def merge(
    attributes: Mapping[str, Any], by_path: Mapping[str, Any], dialect: Dialect
) -> dict[str, Any]:
    """The attributes with some remote paths set, in the connector's dialect."""
    merged = copy.deepcopy(dict(attributes))
    for path, value in by_path.items():
        if dialect is Dialect.SCIM:
            remote_paths.write(merged, path, value)
        else:
            merged[path] = value
    return merged


def pick(
    attributes: Mapping[str, Any], paths: Mapping[str, Any], dialect: Dialect
) -> dict[str, Any]:
    """The values that some remote paths have in `attributes`, where they have one."""
    read = remote_paths.read if dialect is Dialect.SCIM else lambda held, path: held.get(path)
    found = {path: read(attributes, path) for path in paths}
    return {path: value for path, value in found.items() if value is not None}
