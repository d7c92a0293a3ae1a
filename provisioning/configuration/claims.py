"""The claims a tenant defines itself; and whether the claims a file speaks of exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from idp import claim_rows, claims, local_claims
from idp.models import LocalClaim, Tenant
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.report import Applying, Result
from provisioning.configuration.rows import check, in_file, is_absent, present

Entry = Mapping[str, Any]

COLUMNS = ("display_name", "description", "path", "type", "multivalued", "searchable")


def apply_claims(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    """Bring the tenant's own claims; then everything in the file that names a claim must
    name one there is. Raises `ConfigurationError`."""
    for index, given in enumerate(entry.get("local_claims", ())):
        _bring(run, tenant, given, f"{path}.local_claims[{index}]")
    check_claims(tenant, entry, f"{path}.")


def check_claims(tenant: Tenant, entry: Entry, prefix: str = "") -> None:
    """Whether every claim that is named exists. Raises `ConfigurationError`."""
    table = local_claims.table_of(tenant)
    problems = [*_in_mappings(table, entry, prefix), *_in_people(table, entry, prefix)]
    if problems:
        raise ConfigurationError(*problems)


def _bring(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    uri = entry["uri"]
    claim = LocalClaim.objects.filter(tenant=tenant, uri=uri).first()
    if is_absent(entry):
        if claim is not None:
            _remove(run, tenant, claim, path)
        return
    created = claim is None
    claim = claim or LocalClaim(tenant=tenant, uri=uri)
    claim.tenant = tenant
    values = present(entry, *COLUMNS)
    if created:
        values.setdefault("display_name", uri.rpartition("/")[2] or uri)
    changed = [name for name, value in values.items() if getattr(claim, name) != value]
    for name in changed:
        setattr(claim, name, values[name])
    if created or changed:
        _save(claim, path)
    result = Result.CREATED if created else Result.CHANGED if changed else Result.UNCHANGED
    run.note("local claim", tenant, uri, result, subject=claim.pk, fields=changed)


def _save(claim: LocalClaim, path: str) -> None:
    check(claim, path)
    try:
        local_claims.save(claim)
    except ValidationError as error:
        raise in_file(error, path) from error


def _remove(run: Applying, tenant: Tenant, claim: LocalClaim, path: str) -> None:
    key = claim.pk
    try:
        local_claims.delete(claim)
    except ValidationError as error:
        raise in_file(error, path) from error
    run.note("local claim", tenant, claim.uri, Result.DELETED, subject=key)


def _in_mappings(table: claims.ClaimTable, entry: Entry, prefix: str) -> Iterator[str]:
    for number, provider in enumerate(entry.get("identity_providers", ())):
        for index, row in enumerate(provider.get("claim_mappings", ())):
            where = f"{prefix}identity_providers[{number}].claim_mappings[{index}]"
            wrong = claim_rows.problems(table, row.get("local", ""), row.get("expression", ""))
            yield from (f"{where}.{key}: {problem}" for key, problem in wrong.items())


def _in_people(table: claims.ClaimTable, entry: Entry, prefix: str) -> Iterator[str]:
    for index, user in enumerate(entry.get("users", ())):
        for uri, value in user.get("claims", {}).items():
            where = f"{prefix}users[{index}].claims"
            if uri in claims.NAMING:
                yield f"{where}: {uri} is given as username"
                continue
            try:
                table.write(uri, value, claims.Profile())
            except (claims.UnknownClaim, claims.InvalidClaim) as error:
                yield f"{where}: {error}"
