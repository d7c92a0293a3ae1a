"""Who is told of what: a tenant's webhooks, and operators who want notifications by e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from idp.models import Operator, Tenant
from provisioning import webhooks
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.nodes import Flag, ListOf, Object, OneOf, Text
from provisioning.configuration.report import Applying, Result
from provisioning.configuration.rows import bring, check, in_file, is_absent, present
from provisioning.configuration.values import NAME, STATE, AllOrSome
from provisioning.events import TYPES
from provisioning.models import NotificationPreference, Severity, Webhook

Entry = Mapping[str, Any]

WEBHOOK = Object(
    {
        "name": NAME,
        "description": Text(),
        "url": NAME,
        "secret": NAME,
        "events": AllOrSome(TYPES),
        "batched": Flag(),
        "enabled": Flag(),
        "state": STATE,
    },
    frozenset({"name"}),
)
PREFERENCE = Object(
    {
        "operator": NAME,
        "email": ListOf(OneOf([severity.value for severity in Severity])),
        "resolved": Flag(),
    },
    frozenset({"operator"}),
)

COLUMNS = ("description", "url", "events", "batched", "enabled")


def apply_webhook(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    name = entry["name"]
    row = Webhook.objects.filter(tenant=tenant, name=name).first()
    if is_absent(entry):
        if row is not None:
            webhooks.remove(row)
            run.note("webhook", tenant, name, Result.DELETED)
        return
    fresh = row is None
    row = row or Webhook(tenant=tenant, name=name)
    row.tenant = tenant
    if fresh:
        _require(entry, path)
    values = present(entry, *COLUMNS)
    changed = [key for key, value in values.items() if getattr(row, key) != value]
    for key in changed:
        setattr(row, key, values[key])
    if _bring_secret(row, entry, path):
        changed.append("secret")
    if fresh or changed:
        check(row, path)
        try:
            webhooks.save(row)
        except ValidationError as error:
            raise in_file(error, path) from error
    result = Result.CREATED if fresh else Result.CHANGED if changed else Result.UNCHANGED
    run.note("webhook", tenant, name, result, subject=row.pk, fields=changed)


def _require(entry: Entry, path: str) -> None:
    missing = [key for key in ("secret", "url") if key not in entry]
    if missing:
        raise ConfigurationError(*(f"{path}.{key}: a new webhook needs one" for key in missing))


def _bring_secret(row: Webhook, entry: Entry, path: str) -> bool:
    if "secret" not in entry:
        return False
    try:
        return webhooks.set_secret(row, str(entry["secret"]))
    except webhooks.InvalidKey as error:
        raise ConfigurationError(f"{path}.secret: {error}") from error


def webhook_entry(row: Webhook) -> dict[str, Any]:
    return {"name": row.name, **{column: getattr(row, column) for column in COLUMNS}}


def apply_preference(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    name = entry["operator"].removesuffix(f"@{tenant.domain}")
    operator = Operator.objects.filter(tenant=tenant, name=name).first()
    if operator is None:
        raise ConfigurationError(f"{path}.operator: there is no operator {name}")
    row = NotificationPreference.objects.filter(operator=operator).first()
    row = row or NotificationPreference(operator=operator)
    values: dict[str, Any] = present(entry, "resolved")
    if "email" in entry:
        values["severities"] = list(dict.fromkeys(entry["email"]))
    result, changed = bring(row, values, path)
    named = ["email" if column == "severities" else column for column in changed]
    run.note("notifications of", tenant, name, result, subject=operator.pk, fields=named)


def preference_entry(row: NotificationPreference) -> dict[str, Any]:
    return {
        "operator": row.operator.name,
        "email": row.severities,
        "resolved": row.resolved,
    }


def preferences_in(tenant: Tenant) -> QuerySet[NotificationPreference]:
    rows = NotificationPreference.objects.filter(operator__tenant=tenant)
    return rows.select_related("operator").order_by("operator__name")
