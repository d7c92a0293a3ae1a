"""What an operator says about a connector, checked against the fields it declares."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from connectors import ConfigField, declared, registry
from idp import setting_values
from idp.models import OutboundConnector
from idp.setting_claims import names_at

POLICIES = ("groups", "delete_action", "on_deny", "on_conflict", "protected_names")
"""Columns of a connector that change what is sent, beside its settings."""

Claims = Callable[[], Container[str]]


@dataclass(frozen=True, slots=True)
class CleanSettings:
    """`values` is complete: every declared field by name, secrets in clear.

    `changed_identity` is never true for a connector that had no settings before.
    """

    values: dict[str, Any]
    changed_identity: bool
    changed: bool


def clean(
    connector_type: str,
    submitted: Mapping[str, Any],
    current: Mapping[str, Any] | None = None,
    *,
    claims: Claims = setting_values.AnyClaim,
) -> CleanSettings:
    """The whole settings after `submitted` is laid over `current`.

    A field that is not submitted keeps its value; so does a secret or a file submitted
    empty. None clears a field (a secret, too) to its default. `claims` tells the names that
    a claim field may hold. Raises `ValidationError` with one entry per wrong name.
    """
    fields = {field.name: field for field in _fields(connector_type)}
    errors = {
        name: f"“{name}” is not a setting of the connector {connector_type}: it has "
        f"{', '.join(fields)}."
        for name in submitted
        if name not in fields
    }
    values = {}
    for name, field in fields.items():
        try:
            values[name] = _value_of(field, submitted, current or {}, claims)
        except ValidationError as error:
            errors[name] = str(error.message)
    for field in declared.missing([*fields.values()], values):
        errors.setdefault(field.name, f"{field.label} is required.")
    if errors:
        raise ValidationError({name: [text] for name, text in errors.items()})
    return _compare(fields, values, current)


def clean_for(
    connector: OutboundConnector,
    submitted: Mapping[str, Any],
    current: Mapping[str, Any] | None,
) -> CleanSettings:
    """`clean`, with the claims there are at the connector's identity provider."""
    claims = partial(names_at, connector.provider)
    return clean(connector.type, submitted, current, claims=claims)


def save_settings(connector: OutboundConnector, submitted: Mapping[str, Any]) -> CleanSettings:
    """Store the connector with what was submitted; the only way settings are saved.

    Saves the other columns of `connector` as they are on the instance. `revision` moves
    when a setting or a policy differs from what is stored, `generation` when a field that
    says which system the target is does. Raises `ValidationError` and stores nothing.

    Settings that no key opens are entered anew, all of them; until then other columns may
    be saved with nothing submitted.
    """
    with transaction.atomic():
        stored = OutboundConnector.objects.select_for_update().filter(pk=connector.pk).first()
        current = stored.known_settings if stored else None
        lost = stored is not None and current is None
        if lost and not submitted:
            cleaned = CleanSettings({}, changed_identity=False, changed=False)
        else:
            cleaned = clean_for(connector, submitted, current)
        if stored is not None:
            policies = any(getattr(stored, p) != getattr(connector, p) for p in POLICIES)
            connector.revision = stored.revision + (cleaned.changed or policies)
            # Which system it was is not known any more: then links are looked up first.
            elsewhere = cleaned.changed_identity or (lost and cleaned.changed)
            connector.generation = stored.generation + elsewhere
            connector.sealed_settings = stored.sealed_settings
        if cleaned.changed:
            connector.settings = cleaned.values
        connector.save()
    return cleaned


def _fields(connector_type: str) -> tuple[ConfigField, ...]:
    try:
        return registry.load(connector_type).fields
    except LookupError as error:
        raise ValidationError({"type": [str(error)]}) from error


def _value_of(
    field: ConfigField, submitted: Mapping[str, Any], current: Mapping[str, Any], claims: Claims
) -> Any:
    kept = current.get(field.name, field.default)
    raw = submitted.get(field.name, kept)
    if raw == "" and (field.secret or field.kind == "file"):
        raw = kept
    value = field.default if raw is None else raw
    if field.kind == "claim" and value == kept:
        return value  # a claim that was taken away since is no reason to refuse the rest
    return setting_values.checked(field, value, claims)


def _compare(
    fields: Mapping[str, ConfigField],
    values: dict[str, Any],
    current: Mapping[str, Any] | None,
) -> CleanSettings:
    if current is None:
        return CleanSettings(values, changed_identity=False, changed=True)
    moved = [
        field
        for name, field in fields.items()
        if values[name] != current.get(name, field.default)
    ]
    # Names a connector no longer declares are dropped from what is stored.
    dropped = any(name not in fields for name in current)
    return CleanSettings(
        values,
        changed_identity=any(field.identity for field in moved),
        changed=bool(moved) or dropped,
    )
