"""How people sign in through an identity provider: one type's settings, beside its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from connectors import ConfigField
from idp import authenticators
from idp.models import Authenticator, IdentityProvider
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.nodes import (
    Flag,
    ListOf,
    Node,
    Number,
    Object,
    OneOf,
    Problems,
    Text,
    unknown,
)
from provisioning.configuration.rows import in_file, is_absent
from provisioning.configuration.values import NAME, STATE

Entry = Mapping[str, Any]

BESIDE: Mapping[str, Node] = {"type": OneOf(list(authenticators.TYPES)), "state": STATE}


def _node(field: ConfigField) -> Node:
    if field.kind == "choice":
        return OneOf(["", *(key for key, _ in field.choices)])
    nodes: Mapping[str, Node] = {
        "boolean": Flag(),
        "number": Number(whole=False),
        "list": ListOf(NAME),
    }
    return nodes.get(field.kind, Text())


class AuthenticatorSettings:
    """The keys of the type that is named; without one, those of every type."""

    of_type: Mapping[str, Object] = {
        kind: Object({**BESIDE, **{field.name: _node(field) for field in fields}})
        for kind, fields in authenticators.TYPES.items()
    }

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        kind = value.get("type") if isinstance(value, Mapping) else None
        known = self.of_type.get(str(kind))
        if known is None:
            together = [shape.fields for shape in self.of_type.values()]
            known = Object({name: node for fields in together for name, node in fields.items()})
        return known.clean(value, path, problems)


def bring_authenticator(provider: IdentityProvider, entry: Entry, path: str) -> bool:
    """Whether anything changed. Raises `ConfigurationError`."""
    row = Authenticator.objects.filter(provider=provider).first()
    if is_absent(entry):
        if row is not None:
            row.delete()
        return row is not None
    submitted = {name: value for name, value in entry.items() if name not in BESIDE}
    kind = entry.get("type") or (row.type if row else "")
    if not kind:
        if submitted:
            raise ConfigurationError(f"{path}.type: is missing")
        return False
    _check_names(kind, submitted, path)
    if row is not None and row.type == kind and not submitted:
        return False
    wanted = Authenticator(provider=provider, type=kind)
    try:
        return authenticators.save(wanted, submitted).changed
    except ValidationError as error:
        raise in_file(error, path) from error


def _check_names(kind: str, submitted: Entry, path: str) -> None:
    known = [field.name for field in authenticators.TYPES[kind]]
    if wrong := [name for name in submitted if name not in known]:
        raise ConfigurationError(
            *(f"{path}.{name}: {unknown(f'key of {kind}', name, known)}" for name in wrong)
        )
