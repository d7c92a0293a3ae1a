"""All settings of one thing together, as submitted over what is stored, checked against the
fields that are declared for it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from connectors import ConfigField, declared
from idp import setting_values

Claims = Callable[[], Container[str]]


@dataclass(frozen=True, slots=True)
class CleanSettings:
    """`values` is complete: every declared field by name, secrets in clear.

    `changed_identity` is never true for what had no settings before.
    """

    values: dict[str, Any]
    changed_identity: bool
    changed: bool


def clean(
    owner: str,
    fields: Sequence[ConfigField],
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
    known = {field.name: field for field in fields}
    errors = {
        name: f"“{name}” is not a setting of {owner}: it has {', '.join(known)}."
        for name in submitted
        if name not in known
    }
    values = {}
    for name, field in known.items():
        try:
            values[name] = _value_of(field, submitted, current or {}, claims)
        except ValidationError as error:
            errors[name] = str(error.message)
    for field in declared.missing(fields, values):
        errors.setdefault(field.name, f"{field.label} is required.")
    if errors:
        raise ValidationError({name: [text] for name, text in errors.items()})
    return _compare(known, values, current)


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
        if values[name] != plain(current.get(name, field.default))
    ]
    # Names that are not declared any longer are dropped from what is stored.
    dropped = any(name not in fields for name in current)
    return CleanSettings(
        values,
        changed_identity=any(field.identity for field in moved),
        changed=bool(moved) or dropped,
    )


def plain(value: Any) -> Any:
    """A default as it would be stored."""
    return list(value) if isinstance(value, tuple) else value
