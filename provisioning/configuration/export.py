"""What is configured, in the format `apply` takes. Secrets are left out: absent ones stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet, TextChoices

from connectors import ConfigField
from idp import claims, setting_sets
from idp.authenticators import TYPES
from idp.local_claims import table_of
from idp.models import (
    INTERNAL,
    Authenticator,
    Group,
    IdentityProvider,
    JitSettings,
    LocalClaim,
    Membership,
    OutboundConnector,
    Tenant,
    User,
    UserStore,
)
from provisioning.configuration import claims as own_claims
from provisioning.configuration import (
    connectors,
    policies,
    providers,
    service_providers,
    telling,
)
from provisioning.models import Policy
from serviceproviders.models import OAuthClient, OutboundTarget, ServiceProvider

Tree = dict[str, Any]


def export(*tenants: Tenant, people: bool = False) -> Tree:
    """The file as a tree; with `people` the groups and users too, without their passwords."""
    return {"version": 1, "tenants": [_tenant(tenant, people=people) for tenant in tenants]}


def _tenant(tenant: Tenant, *, people: bool) -> Tree:
    stores = tenant.user_stores.exclude(domain=INTERNAL).order_by("domain")
    live = {"tenant": tenant, "retired_at": None}
    tree: Tree = {
        "domain": tenant.domain,
        **_columns(tenant, "time_zone", "self_signup"),
        "user_stores": [_columns(store, "domain", "description") for store in stores],
        "operators": [
            {
                "username": operator.name,
                **_columns(operator, "role", "use_doors", "email"),
                "active": operator.is_active,
            }
            for operator in tenant.operators.order_by("name")
        ],
        "local_claims": [
            _columns(row, "uri", *own_claims.COLUMNS)
            for row in LocalClaim.objects.filter(tenant=tenant)
        ],
        "policies": [
            policies.told(row)
            for row in Policy.objects.filter(tenant=tenant).select_related("published")
        ],
        "webhooks": [telling.webhook_entry(row) for row in tenant.webhooks.order_by("name")],
        "notifications": [
            telling.preference_entry(row) for row in telling.preferences_in(tenant)
        ],
        "identity_providers": [
            provider_entry(row)
            for row in whole_providers(IdentityProvider.objects.filter(**live)).order_by("name")
        ],
        "service_providers": [
            service_provider_entry(row)
            for row in whole_service_providers(ServiceProvider.objects.filter(**live)).order_by(
                "name"
            )
        ],
    }
    return {**tree, **_people(tenant)} if people else tree


def _columns(row: Any, *names: str) -> Tree:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    """A choice as its text: a row that is not stored has the choice itself as its default."""
    return str(value) if isinstance(value, TextChoices) else value


def whole_providers(rows: QuerySet[IdentityProvider]) -> QuerySet[IdentityProvider]:
    """With all that `provider_entry` reads, in a constant number of queries."""
    return rows.prefetch_related(
        "role_mappings", "claim_mappings", "connectors", "authenticator", "jit__user_store"
    )


def whole_service_providers(rows: QuerySet[ServiceProvider]) -> QuerySet[ServiceProvider]:
    """With all that `service_provider_entry` reads."""
    return rows.select_related("user_store", "oauth_client").prefetch_related(
        "outbound__connector__provider"
    )


def provider_entry(row: IdentityProvider) -> Tree:
    """The identity provider with its live connectors."""
    jit: JitSettings = getattr(row, "jit", None) or JitSettings(provider=row)
    live = sorted(
        (c for c in row.connectors.all() if c.retired_at is None), key=lambda c: c.type
    )
    return {
        "name": row.name,
        **_columns(row, *providers.COLUMNS),
        "role_mappings": [_columns(m, "local", "remote") for m in row.role_mappings.all()],
        "claim_mappings": [providers.claim_row(m) for m in row.claim_mappings.all()],
        "jit": {
            **_columns(jit, *providers.JIT_COLUMNS),
            "user_store": jit.user_store.domain if jit.user_store else "",
        },
        **_authenticator(getattr(row, "authenticator", None)),
        "connectors": [connector_entry(connector) for connector in live],
    }


def _authenticator(row: Authenticator | None) -> Tree:
    if row is None:
        return {}
    stored = row.known_settings
    told = {} if stored is None else _settings(TYPES[row.type], stored)
    return {"authenticator": {"type": row.type, **told}}


def connector_entry(row: OutboundConnector) -> Tree:
    try:
        fields = row.fields
    except (LookupError, ImportError):
        # Its package is not installed here: which settings are secrets is not known.
        fields = ()
    stored = row.known_settings
    # What no key opens is left out.
    told = {} if stored is None else {"settings": _settings(fields, stored)}
    return {
        "type": row.type,
        **_columns(row, *connectors.COLUMNS),
        **told,
        "budget": _columns(row, *connectors.BUDGET),
        "deletion_guard": {
            key: getattr(row, column) for key, column in connectors.GUARD.items()
        },
    }


def _settings(fields: Sequence[ConfigField], stored: Tree) -> Tree:
    shown = (field for field in fields if not field.secret)
    return {f.name: setting_sets.plain(stored.get(f.name, f.default)) for f in shown}


def service_provider_entry(row: ServiceProvider) -> Tree:
    client: OAuthClient | None = getattr(row, "oauth_client", None)
    targets = [
        target
        for target in row.outbound.all()
        if target.connector.retired_at is None and target.connector.provider.retired_at is None
    ]
    tree: Tree = {
        "name": str(row),
        "description": row.description,
        "redirect_uris": row.redirect_uris,
        "inbound": {
            "user_store": row.user_store.domain if row.user_store else "",
            **_columns(row, "dumb_mode", "strict"),
        },
        "outbound": [
            _outbound(target)
            for target in sorted(targets, key=lambda t: t.connector.provider.name)
        ],
    }
    if client is not None:
        tree["oauth_client"] = _columns(client, *service_providers.CLIENT)
    return tree


def _outbound(target: OutboundTarget) -> Tree:
    return {
        "identity_provider": target.connector.provider.name,
        "connector": target.connector.type,
        **_columns(target, *service_providers.ROW_DEFAULTS),
    }


def _people(tenant: Tenant) -> Tree:
    groups = Group.objects.filter(tenant=tenant).select_related("store")
    held: dict[Any, list[str]] = {}
    rows = Membership.objects.filter(user__tenant=tenant).values_list(
        "user_id", "group__store__domain", "group__name"
    )
    for user_id, domain, name in rows.iterator():
        held.setdefault(user_id, []).append(UserStore(domain=domain).full_name(name))
    users = User.objects.filter(tenant=tenant).select_related("store")
    table = table_of(tenant)
    return {
        "groups": [{"name": group.full_name} for group in groups.iterator()],
        "users": [
            user_entry(table, user, sorted(held.get(user.pk, ()))) for user in users.iterator()
        ],
    }


def user_entry(table: claims.ClaimTable, user: User, groups: Sequence[str]) -> Tree:
    values = table.read_claims(claims.profile_of(user))
    writable = {
        uri: value
        for uri, value in values.items()
        if not table.claim(uri).read_only and uri not in claims.NAMING
    }
    return {"username": user.full_name, "claims": writable, "groups": list(groups)}
