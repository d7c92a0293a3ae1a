"""Values of a configuration file with rules of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from django.core.exceptions import ValidationError

from idp import maintenance
from idp.maintenance import WindowRefused
from idp.models.connector import request_rate
from provisioning.configuration.nodes import (
    Flag,
    ListOf,
    Number,
    Object,
    OneOf,
    Problems,
    Text,
    kind_of,
    literal,
    on_one_line,
)

NAME = Text(blank=False)
STATE = OneOf(["present", "absent"])


class ClaimValues:
    """`{claim URI: text or list of texts}`; an empty value takes the claim away.

    Which claims there are is known when the tenant's own are: see `claims`.
    """

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.append(f"{path}: must have claim URIs and values")
            return {}
        return {str(uri): given for uri, given in value.items()}


class Settings:
    """A connector's settings: checked against what the connector declares when applied."""

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.append(f"{path}: must have names and values")
            return {}
        for name, given in value.items():
            if isinstance(given, dict):
                problems.append(
                    f"{path}.{on_one_line(name)}: must be a single value ({kind_of(given)})"
                )
        return dict(value)


class GroupSelection:
    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        if isinstance(value, str) and value in ("all", "none"):
            return str(value)
        value = literal(value, path, problems)
        if not isinstance(value, list):
            problems.append(f"{path}: must be all, none or a list of group names")
            return value
        return ListOf(NAME).clean(value, path, problems)


@dataclass(frozen=True, slots=True)
class AllOrSome:
    """`all`, or a list of the known words."""

    words: Sequence[str]

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        if isinstance(value, str) and value == "all":
            return "all"
        value = literal(value, path, problems)
        if not isinstance(value, list) or not value:
            problems.append(f"{path}: must be all or a list of {', '.join(self.words)}")
            return value
        cleaned = ListOf(OneOf(self.words)).clean(value, path, problems)
        return list(dict.fromkeys(cleaned))


class RequestRate:
    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        before = len(problems)
        rate = Number(whole=False).clean(value, path, problems)
        if len(problems) == before:
            try:
                request_rate(rate)
            except ValidationError as error:
                problems.append(f"{path}: {error.message.rstrip('.')}")
        return rate


class Certificate:
    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        text = Text().clean(value, path, problems)
        if isinstance(text, str) and text:
            try:
                x509.load_pem_x509_certificates(text.encode())
            except ValueError:
                problems.append(f"{path}: must hold certificates in PEM")
        return text


class MaintenanceWindows:
    """A list of windows, weekly or of one time, as `idp.maintenance` has them."""

    days = ListOf(OneOf(maintenance.DAYS))
    row = Object({"days": days, "from": NAME, "to": NAME}, frozenset({"from", "to"}))

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        before = len(problems)
        rows = ListOf(self.row).clean(value, path, problems)
        windows = []
        for index, row in enumerate(rows if len(problems) == before else ()):
            try:
                windows.append(maintenance.window(row))
            except WindowRefused as error:
                problems.append(f"{path}[{index}].{error.field}: {error}")
        try:
            return maintenance.rows_of(windows)
        except WindowRefused as error:
            problems.append(f"{path}: {error}")
        return []


class ClaimRow:
    """Where one remote attribute comes from: a local claim, a constant or an expression."""

    shape = Object(
        {
            "remote": NAME,
            "local": Text(),
            "default": Text(),
            "constant": Text(),
            "expression": Text(),
            "create_only": Flag(),
        },
        frozenset({"remote"}),
    )

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        row = self.shape.clean(value, path, problems)
        given = [key for key in ("local", "constant", "expression") if row.get(key)]
        if len(given) != 1:
            problems.append(f"{path}: must have one of local, constant and expression")
        return row
