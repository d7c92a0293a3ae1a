"""What an operator says about a connector, checked against the fields it declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction

from connectors import ConfigField, registry
from connectors.patterns import Pattern, PatternRefused
from idp.models import OutboundConnector

POLICIES = ("groups", "delete_action", "on_deny", "on_conflict", "protected_names")
"""Columns of a connector that change what is sent, beside its settings."""

_BOOLEANS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}


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
) -> CleanSettings:
    """The whole settings after `submitted` is laid over `current`.

    A field that is not submitted keeps its value; so does a secret submitted empty.
    None clears a field (a secret, too) to its default. Raises `ValidationError` with one
    entry per wrong name.
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
            values[name] = _value_of(field, submitted, current or {})
        except ValidationError as error:
            errors[name] = str(error.message)
    if errors:
        raise ValidationError({name: [text] for name, text in errors.items()})
    return _compare(fields, values, current)


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
            cleaned = clean(connector.type, submitted, current)
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
    field: ConfigField, submitted: Mapping[str, Any], current: Mapping[str, Any]
) -> Any:
    kept = current.get(field.name, field.default)
    raw = submitted.get(field.name, kept)
    if field.secret and raw == "":
        raw = kept
    value = field.default if raw is None else raw
    checked = _CHECKS.get(field.kind, _text)(field, value)
    if field.required and checked == "":
        raise ValidationError(f"{field.label} is required.")
    return checked


def _text(field: ConfigField, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValidationError(f"{field.label} must be a text.")
    if field.secret:
        return str(value)  # blanks around it may belong to it
    text = str(value).strip()
    if field.matches and text and not re.fullmatch(field.matches, text):
        raise ValidationError(f"{field.label} cannot be “{text[:100]}”. {field.help}")
    return text


def _boolean(field: ConfigField, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = _BOOLEANS.get(str(value).strip().lower() or "false")
    if known is None:
        raise ValidationError(f"{field.label} must be true or false.")
    return known


def _choice(field: ConfigField, value: Any) -> str:
    text = _text(field, value)
    allowed = [key for key, _ in field.choices]
    if text not in allowed and (text or field.required):
        raise ValidationError(f"{field.label} must be one of {', '.join(allowed)}.")
    return text


def _url(field: ConfigField, value: Any) -> str:
    text = _text(field, value)
    if not text:
        return text
    wrong = ValidationError(
        f"{field.label} must be a whole address that starts with https:// or http://."
    )
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in ("https", "http") or not host or any(c.isspace() for c in text):
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise ValidationError(
            f"{field.label} must not hold a user name or password: use the fields for them."
        )
    return text


def _pattern(field: ConfigField, value: Any) -> str:
    text = _text(field, value) or str(field.default)
    if text:
        try:
            Pattern.parse(text)
        except PatternRefused as error:
            raise ValidationError(f"{field.label}: {error}.") from error
    return text


_CHECKS = {"boolean": _boolean, "choice": _choice, "url": _url, "pattern": _pattern}


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
