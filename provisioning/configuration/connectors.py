"""Connectors of an identity provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from connectors import registry
from idp import connector_settings
from idp.models import IdentityProvider, OutboundConnector
from provisioning import reconsidering
from provisioning.configuration import removal
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.nodes import unknown
from provisioning.configuration.report import Applying, Result
from provisioning.configuration.rows import in_file, is_absent, present

Entry = Mapping[str, Any]

COLUMNS = (
    "enabled",
    "groups",
    "delete_action",
    "on_deny",
    "on_conflict",
    "protected_names",
    "retry_hours",
    "mode",
    "maintenance_windows",
)
BUDGET = ("requests_per_second", "burst", "concurrency", "daily_quota")
GUARD = {
    "max_count": "guard_max_count",
    "max_percent": "guard_max_percent",
    "window_minutes": "guard_window_minutes",
    "expire_hours": "guard_expire_hours",
}


def apply_connector(run: Applying, provider: IdentityProvider, entry: Entry, path: str) -> None:
    kind, tenant = entry["type"], provider.tenant
    name = f"{provider.name}/{kind}"
    connector = OutboundConnector.objects.filter(provider=provider, type=kind).first()
    if is_absent(entry):
        if connector is not None:
            removal.retire(run, "connector", name, connector, tenant)
        return
    _check_names(kind, entry.get("settings", {}), path)
    fresh = connector is None
    connector = connector or OutboundConnector(provider=provider, type=kind)
    try:
        changed = _bring(connector, entry, fresh=fresh)
    except ValidationError as error:
        raise in_file(error, f"{path}.settings") from error
    if "on_deny" in changed and not fresh:
        reconsidering.follow_rules([connector], "on_deny changed", actor=run.actor)
    result = Result.CREATED if fresh else Result.CHANGED if changed else Result.UNCHANGED
    run.note("connector", tenant, name, result, subject=connector.pk, fields=changed)


def _bring(connector: OutboundConnector, entry: Entry, *, fresh: bool) -> list[str]:
    values = {**columns_of(entry), "retired_at": None}
    changed = [name for name, value in values.items() if getattr(connector, name) != value]
    for name in changed:
        setattr(connector, name, values[name])
    submitted = entry.get("settings", {})
    current = connector.known_settings
    if current is None and not (fresh or submitted):
        # No key opens them: what the file says of everything else holds all the same.
        if changed:
            connector_settings.save_settings(connector, {})
        return changed
    cleaned = connector_settings.clean_for(connector, submitted, current)
    if fresh or changed or cleaned.changed:
        connector_settings.save_settings(connector, submitted)
    return [*changed, "settings"] if cleaned.changed else changed


def columns_of(entry: Entry) -> dict[str, Any]:
    budget = present(entry.get("budget", {}), *BUDGET)
    guard = entry.get("deletion_guard", {})
    return {
        **present(entry, *COLUMNS),
        **budget,
        **{column: guard[key] for key, column in GUARD.items() if key in guard},
    }


def _check_names(kind: str, submitted: Entry, path: str) -> None:
    try:
        known = [field.name for field in registry.load(kind).fields]
    except LookupError as error:
        raise ConfigurationError(f"{path}.type: {error}") from error
    wrong = [name for name in submitted if name not in known]
    if wrong:
        raise ConfigurationError(
            *(f"{path}.settings.{name}: {unknown('setting', name, known)}" for name in wrong)
        )
