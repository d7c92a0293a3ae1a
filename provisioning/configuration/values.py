"""Values of a configuration file with rules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography import x509

from idp import claims
from provisioning.configuration.nodes import (
    Flag,
    ListOf,
    Object,
    Only,
    Problems,
    Text,
    kind_of,
    literal,
)

NAME = Text(blank=False)


class ClaimValues:
    """`{claim URI: text or list of texts}`; an empty value takes the claim away."""

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.append(f"{path}: must have claim URIs and values")
            return {}
        for uri, given in value.items():
            try:
                if str(uri) in claims.NAMING:
                    raise claims.InvalidClaim(f"{uri} is given as username")
                claims.write(str(uri), given, claims.Profile())
            except (claims.UnknownClaim, claims.InvalidClaim) as error:
                problems.append(f"{path}: {error}")
        return {str(uri): given for uri, given in value.items()}


class Settings:
    """A connector's settings: checked against what the connector declares when applied."""

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.append(f"{path}: must have names and values")
            return {}
        for name, given in value.items():
            if isinstance(given, list | dict):
                problems.append(f"{path}.{name}: must be a single value ({kind_of(given)})")
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


class Certificate:
    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        text = Text().clean(value, path, problems)
        if isinstance(text, str) and text:
            try:
                x509.load_pem_x509_certificates(text.encode())
            except ValueError:
                problems.append(f"{path}: must hold certificates in PEM")
        return text


class ClaimRow:
    """Where one remote attribute comes from: a local claim, or a constant."""

    _shape = Object(
        {
            "remote": NAME,
            "local": Text(),
            "default": Text(),
            "constant": Text(),
            "expression": Only(Text(), [""], "an expression in a claim mapping"),
            "create_only": Flag(),
        },
        frozenset({"remote"}),
    )

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        row = self._shape.clean(value, path, problems)
        local, constant = row.get("local"), row.get("constant")
        if bool(local) == bool(constant) and "expression" not in row:
            problems.append(f"{path}: must have either local or constant")
        if isinstance(local, str) and local:
            try:
                claims.claim(local)
            except claims.UnknownClaim as error:
                problems.append(f"{path}.local: {error}")
        return row
