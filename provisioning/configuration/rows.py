"""Bringing one row to the values a file gives, and telling what that took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.report import Result


def bring(row: Model, values: Mapping[str, Any], path: str) -> tuple[Result, list[str]]:
    """Set what differs, check the row and save it; a row that is like that is left alone.

    Returns the names of the fields that moved. Raises `ConfigurationError`.
    """
    created = row._state.adding
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if not created and not changed:
        return Result.UNCHANGED, []
    for name in changed:
        setattr(row, name, values[name])
    check(row, path)
    row.save()
    return (Result.CREATED if created else Result.CHANGED), changed


def check(row: Model, path: str) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise in_file(error, path) from error


def in_file(error: ValidationError, path: str) -> ConfigurationError:
    """Its messages as sentences that begin with the path."""
    if not hasattr(error, "error_dict"):
        return ConfigurationError(*(f"{path}: {text}" for text in error.messages))
    return ConfigurationError(
        *(
            f"{path}: {text}" if name == "__all__" else f"{path}.{name}: {text}"
            for name, texts in error.message_dict.items()
            for text in texts
        )
    )


def present(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The keys that are given, of those named: an absent key keeps its value."""
    return {name: entry[name] for name in names if name in entry}


def is_absent(entry: Mapping[str, Any]) -> bool:
    return bool(entry.get("state") == "absent")
