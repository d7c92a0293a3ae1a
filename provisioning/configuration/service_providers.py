"""Service providers: inbound settings, outbound rows and OAuth clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import check_password
from oauth2_provider.models import AbstractApplication

from idp.models import OutboundConnector, Tenant
from provisioning import reconsidering
from provisioning.configuration import removal
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.providers import store_of
from provisioning.configuration.report import Applying, Result
from provisioning.configuration.rows import bring, check, is_absent, present
from serviceproviders.models import (
    RESIDENT,
    OAuthClient,
    OnBlockingFailure,
    OutboundTarget,
    ServiceProvider,
)

Entry = Mapping[str, Any]

CLIENT = ("client_id", "scopes", "allowed_networks", "requests_per_minute")
ROW_DEFAULTS = {
    "blocking": False,
    "on_blocking_failure": OnBlockingFailure.REPORT.value,
    "enable_rules": False,
    "jit_outbound": False,
}


def apply_service_provider(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    name = RESIDENT if entry["name"] == "resident" else entry["name"]
    row = ServiceProvider.objects.filter(tenant=tenant, name=name).first()
    if is_absent(entry):
        if name == RESIDENT:
            raise ConfigurationError(
                f"{path}: every tenant keeps its resident service provider"
            )
        if row is not None:
            removal.retire(run, "service provider", str(row), row, tenant)
        return
    row = row or ServiceProvider(tenant=tenant, name=name)
    values = {
        **present(entry, "description", "redirect_uris"),
        **_inbound(tenant, entry.get("inbound", {}), f"{path}.inbound"),
        "retired_at": None,
    }
    result, changed = bring(row, values, path)
    if "oauth_client" in entry:
        changed += _bring_client(row, entry["oauth_client"], f"{path}.oauth_client")
    outbound = entry.get("outbound")
    if outbound is not None and _replace_rows(row, outbound, f"{path}.outbound", run.actor):
        changed.append("outbound")
    if changed and result is Result.UNCHANGED:
        result = Result.CHANGED
    run.note("service provider", tenant, str(row), result, subject=row.pk, fields=changed)


def _inbound(tenant: Tenant, inbound: Entry, path: str) -> dict[str, Any]:
    values = present(inbound, "dumb_mode", "strict")
    if inbound.get("dumb_mode") and inbound.get("user_store"):
        raise ConfigurationError(
            f"{path}.user_store: nothing is stored in dumb mode: leave it empty"
        )
    if "user_store" in inbound:
        values["user_store"] = store_of(tenant, inbound["user_store"], f"{path}.user_store")
    return values


def _bring_client(row: ServiceProvider, entry: Entry, path: str) -> list[str]:
    client = OAuthClient.objects.filter(service_provider=row).first()
    secret = entry.get("client_secret")
    if client is None:
        if secret is None or "client_id" not in entry:
            key = "client_secret" if "client_id" in entry else "client_id"
            raise ConfigurationError(f"{path}.{key}: a new client needs one")
        client = _new_client(row)
    values: dict[str, Any] = present(entry, *CLIENT)
    if secret is not None and not check_password(secret, client.client_secret):
        values["client_secret"] = secret
    changed = [name for name, value in values.items() if getattr(client, name) != value]
    for name in changed:
        setattr(client, name, values[name])
    if changed:
        check(client, path)
        client.save()
    return ["oauth_client"] if changed else []


def _new_client(row: ServiceProvider) -> OAuthClient:
    return OAuthClient(
        service_provider=row,
        name=row.name,
        client_secret="",
        scopes=["provisioning"],
        client_type=AbstractApplication.CLIENT_CONFIDENTIAL,
        authorization_grant_type=AbstractApplication.GRANT_CLIENT_CREDENTIALS,
    )


def _replace_rows(row: ServiceProvider, given: Sequence[Entry], path: str, actor: str) -> bool:
    """One row per identity provider. A row that stays keeps its identity: what was
    provisioned by it is judged by it."""
    rows = row.outbound.select_related("connector__provider", "provider")
    kept = {target.provider.name: target for target in rows}
    moved = False
    for index, entry in enumerate(given):
        connector = _connector_of(row.tenant, entry, f"{path}[{index}]")
        target = kept.pop(connector.provider.name, None) or OutboundTarget(
            service_provider=row, provider=connector.provider
        )
        values = {**ROW_DEFAULTS, **present(entry, *ROW_DEFAULTS), "connector_id": connector.pk}
        result, changed = bring(target, values, f"{path}[{index}]")
        moved = moved or result is not Result.UNCHANGED
        if result is Result.CHANGED and "enable_rules" in changed:
            reconsidering.follow_rules([connector], "rules on or off", actor=actor)
    gone = [target for target in kept.values() if _is_live(target.connector)]
    for target in gone:
        target.delete()
    return moved or bool(gone)


def _is_live(connector: OutboundConnector) -> bool:
    """Files do not tell of what is retired, so they do not take its rows away either."""
    return connector.retired_at is None and connector.provider.retired_at is None


def _connector_of(tenant: Tenant, entry: Entry, path: str) -> OutboundConnector:
    provider, kind = entry["identity_provider"], entry["connector"]
    found = (
        OutboundConnector.objects.select_related("provider")
        .filter(provider__tenant=tenant, provider__name=provider, type=kind)
        .first()
    )
    if found is None:
        raise ConfigurationError(f"{path}: there is no connector {kind} of {provider}")
    if not _is_live(found):
        raise ConfigurationError(f"{path}: the connector {kind} of {provider} is retired")
    return found
