"""The configuration file, key by key. What is not available yet is refused, never ignored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db.models import TextChoices

from idp.models import (
    AttributeSync,
    ClaimDialect,
    ClaimType,
    DeleteAction,
    Mode,
    OnConflict,
    OnDeny,
    Prompt,
    Role,
    UnmappedRoles,
)
from provisioning.configuration import telling
from provisioning.configuration.authenticators import AuthenticatorSettings
from provisioning.configuration.nodes import (
    Flag,
    ListOf,
    Node,
    Number,
    Object,
    OneOf,
    Only,
    Table,
    Text,
)
from provisioning.configuration.values import (
    NAME,
    STATE,
    Certificate,
    ClaimRow,
    ClaimValues,
    GroupSelection,
    MaintenanceWindows,
    RequestRate,
    Settings,
)
from serviceproviders.models import OnBlockingFailure

RETIRE: Mapping[str, Node] = {
    "state": STATE,
    "withdraw": Only(Flag(), [False], "withdrawing what is at the targets"),
}


def _one(choices: type[TextChoices]) -> OneOf:
    return OneOf([str(value) for value in choices.values])


def _outbound() -> Node:
    return Object(
        {
            "identity_provider": NAME,
            "connector": NAME,
            "blocking": Flag(),
            "on_blocking_failure": _one(OnBlockingFailure),
            "enable_rules": Flag(),
            "jit_outbound": Flag(),
        },
        frozenset({"identity_provider", "connector"}),
    )


def _service_provider() -> Node:
    known: Mapping[str, str] = settings.OAUTH2_PROVIDER["SCOPES"]  # type: ignore[assignment]  # a dict of settings
    scopes: Sequence[str] = sorted(known)
    client = Object(
        {
            "client_id": NAME,
            "client_secret": NAME,
            "scopes": ListOf(OneOf(scopes)),
            "allowed_networks": ListOf(NAME),
            "requests_per_minute": Number(),
        }
    )
    inbound: dict[str, Node] = {
        "user_store": Text(),
        "dumb_mode": Flag(),
        "strict": Flag(),
    }
    return Object(
        {
            "name": NAME,
            "description": Text(),
            "oauth_client": client,
            "redirect_uris": ListOf(NAME),
            "inbound": Object(inbound),
            "outbound": Table(_outbound(), "identity_provider"),
            **RETIRE,
        },
        frozenset({"name"}),
    )


def _connector() -> Node:
    budget: dict[str, Node] = {
        "requests_per_second": RequestRate(),
        "burst": Number(least=1),
        "concurrency": Number(least=1),
        "daily_quota": Number(),
    }
    guard: dict[str, Node] = {
        "max_count": Number(),
        "max_percent": Number(),
        "window_minutes": Number(least=1),
        "expire_hours": Number(),
    }
    return Object(
        {
            "type": NAME,
            "enabled": Flag(),
            "settings": Settings(),
            "groups": GroupSelection(),
            "delete_action": _one(DeleteAction),
            "on_deny": _one(OnDeny),
            "on_conflict": _one(OnConflict),
            "protected_names": ListOf(NAME),
            "retry_hours": Number(least=1),
            "budget": Object(budget),
            "deletion_guard": Object(guard),
            "mode": _one(Mode),
            "maintenance_windows": MaintenanceWindows(),
            **RETIRE,
        },
        frozenset({"type"}),
    )


def _identity_provider() -> Node:
    jit: dict[str, Node] = {
        "enabled": Flag(),
        "user_store": Text(),
        "user_store_claim": Text(),
        "prompt": _one(Prompt),
        "attribute_sync": _one(AttributeSync),
        "link_existing_by": ListOf(NAME),
    }
    role = Object({"local": NAME, "remote": NAME}, frozenset({"local", "remote"}))
    texts = ("display_name", "description", "home_realm_identifier", "alias")
    return Object(
        {
            "name": NAME,
            **dict.fromkeys(texts, Text()),
            "certificate": Certificate(),
            "enabled": Flag(),
            "provisioning_roles": ListOf(NAME),
            "role_mappings": Table(role, "local"),
            "unmapped_roles": _one(UnmappedRoles),
            "claim_dialect": _one(ClaimDialect),
            "user_id_claim": Text(),
            "role_claim": Text(),
            "claim_mappings": Table(ClaimRow(), "remote"),
            "jit": Object(jit),
            "authenticator": AuthenticatorSettings(),
            "connectors": Table(_connector(), "type"),
            **RETIRE,
        },
        frozenset({"name"}),
    )


def _people() -> dict[str, Node]:
    user: dict[str, Node] = {
        "username": NAME,
        "password": NAME,
        "claims": ClaimValues(),
        "groups": ListOf(NAME),
        "state": STATE,
    }
    group: dict[str, Node] = {"name": NAME, "state": STATE}
    return {
        "groups": Table(Object(group, frozenset({"name"})), "name"),
        "users": Table(Object(user, frozenset({"username"})), "username"),
    }


def _policy() -> Node:
    return Object(
        {
            "name": NAME,
            "description": Text(),
            "enabled": Flag(),
            "published": Flag(),
            "order": Number(),
            "document": NAME,
        },
        frozenset({"name"}),
    )


def _local_claim() -> Node:
    return Object(
        {
            "uri": NAME,
            "display_name": Text(),
            "description": Text(),
            "path": NAME,
            "type": _one(ClaimType),
            "multivalued": Flag(),
            "searchable": Flag(),
            "state": STATE,
        },
        frozenset({"uri"}),
    )


def _tenant() -> Node:
    store: dict[str, Node] = {"domain": NAME, "description": Text(), "state": STATE}
    operator: dict[str, Node] = {
        "username": NAME,
        "password": NAME,
        "role": _one(Role),
        "use_doors": Flag(),
        "email": Text(),
        "active": Flag(),
    }
    return Object(
        {
            "domain": NAME,
            "state": STATE,
            "time_zone": NAME,
            "self_signup": Flag(),
            "user_stores": Table(Object(store, frozenset({"domain"})), "domain"),
            "operators": Table(Object(operator, frozenset({"username"})), "username"),
            "local_claims": Table(_local_claim(), "uri"),
            "policies": Table(_policy(), "name"),
            "webhooks": Table(telling.WEBHOOK, "name"),
            "notifications": Table(telling.PREFERENCE, "operator"),
            "identity_providers": Table(_identity_provider(), "name"),
            "service_providers": Table(_service_provider(), "name"),
            **_people(),
        },
        frozenset({"domain"}),
    )


def file_schema() -> Object:
    return Object(
        {
            "version": Only(Number(), [1], "another version of the file format"),
            "tenants": Table(_tenant(), "domain"),
        },
        frozenset({"version"}),
    )


def entry(kind: str) -> Object:
    """One entry of a list of the file: `identity_providers`, `connectors`, `users`, …"""
    entries: Mapping[str, Node] = {
        "identity_providers": _identity_provider(),
        "service_providers": _service_provider(),
        "connectors": _connector(),
        "policies": _policy(),
        "webhooks": telling.WEBHOOK,
        "notifications": telling.PREFERENCE,
        **{name: table.entry for name, table in _people().items() if isinstance(table, Table)},
    }
    found = entries[kind]
    if not isinstance(found, Object):
        raise LookupError(f"{kind} has no entries with keys")
    return found
