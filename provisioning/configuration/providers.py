"""Identity providers with their mappings, authenticator and JIT settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp import by_claim, revisions
from idp.claims import UnknownClaim
from idp.models import (
    ClaimMapping,
    IdentityProvider,
    JitSettings,
    RoleMapping,
    Tenant,
    UserStore,
)
from provisioning import reconsidering
from provisioning.configuration import removal
from provisioning.configuration.authenticators import bring_authenticator
from provisioning.configuration.connectors import apply_connector
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.report import Applying, Result
from provisioning.configuration.rows import bring, is_absent, present

Entry = Mapping[str, Any]

COLUMNS = (
    "display_name",
    "description",
    "home_realm_identifier",
    "alias",
    "certificate",
    "enabled",
    "provisioning_roles",
    "unmapped_roles",
    "claim_dialect",
    "user_id_claim",
    "role_claim",
)
JIT_COLUMNS = ("enabled", "user_store_claim", "prompt", "attribute_sync", "link_existing_by")
SENT = {
    "provisioning_roles",
    "unmapped_roles",
    "claim_dialect",
    "user_id_claim",
    "role_claim",
    "role_mappings",
    "claim_mappings",
}
"""What changes what is sent: waiting jobs are planned again."""
RENAMES = {"unmapped_roles", "role_mappings"}
"""What changes the names of groups at the targets."""


def apply_provider(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    name = entry["name"]
    provider = IdentityProvider.objects.filter(tenant=tenant, name=name).first()
    if is_absent(entry):
        if provider is not None:
            removal.retire(run, "identity provider", name, provider, tenant)
        return
    provider = provider or IdentityProvider(tenant=tenant, name=name)
    # Naming a retired one again brings it back: its name, and its history, are taken.
    values = {**present(entry, *COLUMNS), "retired_at": None}
    listed = list(provider.provisioning_roles)
    result, changed = bring(provider, values, path)
    changed = [*changed, *_apply_parts(provider, entry, path)]
    if changed and result is Result.UNCHANGED:
        result = Result.CHANGED
    if result is Result.CHANGED and SENT.intersection(changed):
        revisions.touch(provider)
    if result is Result.CHANGED and "provisioning_roles" in changed:
        reconsidering.follow_roles(provider, listed, actor=run.actor)
    if result is Result.CHANGED and RENAMES.intersection(changed):
        reconsidering.follow_names(provider, actor=run.actor)
    run.note("identity provider", tenant, name, result, subject=provider.pk, fields=changed)
    for index, connector in enumerate(entry.get("connectors", ())):
        apply_connector(run, provider, connector, f"{path}.connectors[{index}]")


def _apply_parts(provider: IdentityProvider, entry: Entry, path: str) -> list[str]:
    changed = []
    if "role_mappings" in entry and _replace_roles(provider, entry["role_mappings"]):
        changed.append("role_mappings")
    if "claim_mappings" in entry and _replace_claims(provider, entry["claim_mappings"]):
        changed.append("claim_mappings")
    if "jit" in entry and _bring_jit(provider, entry["jit"], f"{path}.jit"):
        changed.append("jit")
    if "authenticator" in entry and bring_authenticator(
        provider, entry["authenticator"], f"{path}.authenticator"
    ):
        changed.append("authenticator")
    return changed


def _replace_roles(provider: IdentityProvider, given: Sequence[Entry]) -> bool:
    wanted = {row["local"]: row["remote"] for row in given}
    if dict(provider.role_mappings.values_list("local", "remote")) == wanted:
        return False
    provider.role_mappings.all().delete()
    RoleMapping.objects.bulk_create(
        RoleMapping(provider=provider, local=local, remote=remote)
        for local, remote in wanted.items()
    )
    return True


def claim_row(row: ClaimMapping) -> dict[str, Any]:
    """The row as files tell it, defaults left out."""
    told: dict[str, Any] = {
        "remote": row.remote,
        "local": row.local,
        "default": row.default,
        "constant": row.constant,
        "expression": row.expression,
        "create_only": row.create_only,
    }
    return {key: value for key, value in told.items() if value}


def _replace_claims(provider: IdentityProvider, given: Sequence[Entry]) -> bool:
    wanted = [{key: value for key, value in row.items() if value} for row in given]
    if [claim_row(row) for row in provider.claim_mappings.all()] == wanted:
        return False
    provider.claim_mappings.all().delete()
    ClaimMapping.objects.bulk_create(
        ClaimMapping(provider=provider, order=order, **row) for order, row in enumerate(wanted)
    )
    return True


def _bring_jit(provider: IdentityProvider, entry: Entry, path: str) -> bool:
    jit = JitSettings.objects.filter(provider=provider).first()
    values = present(entry, *JIT_COLUMNS)
    _check_links(provider, entry.get("link_existing_by", ()), f"{path}.link_existing_by")
    if "user_store" in entry:
        store = entry["user_store"]
        values["user_store"] = store_of(provider.tenant, store, f"{path}.user_store")
    if jit is None:
        jit = JitSettings(provider=provider)
        if all(getattr(jit, name) == value for name, value in values.items()):
            return False
    result, _ = bring(jit, values, path)
    return result is not Result.UNCHANGED


def _check_links(provider: IdentityProvider, uris: Sequence[str], path: str) -> None:
    """People must be found by these claims. Raises `ConfigurationError`."""
    for index, uri in enumerate(uris):
        try:
            if not by_claim.can_be_searched(provider.tenant, uri):
                raise ConfigurationError(f"{path}[{index}]: people are not searched by {uri}")
        except UnknownClaim as error:
            raise ConfigurationError(f"{path}[{index}]: {error}") from error


def store_of(tenant: Tenant, domain: str, path: str) -> UserStore | None:
    """The store of that domain; None for the empty one. Raises `ConfigurationError`."""
    if not domain:
        return None
    store = UserStore.objects.filter(tenant=tenant, domain__iexact=domain).first()
    if store is None:
        raise ConfigurationError(f"{path}: the tenant has no user store {domain}")
    return store
