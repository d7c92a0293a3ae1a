"""`state: absent` in configuration: what is retired, what is removed, and what is refused."""

from __future__ import annotations

from django.db.models import Model, ProtectedError
from django.utils import timezone

from idp.models import (
    INTERNAL,
    PRIMARY,
    ROOT,
    Group,
    IdentityProvider,
    JitSettings,
    Operator,
    OutboundConnector,
    Tenant,
    User,
    UserStore,
)
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.report import Applying, Result
from provisioning.models import AuditEvent, Job, PassingEntity, ProvisionedEntity
from serviceproviders.models import ServiceProvider


def retire(
    run: Applying,
    kind: str,
    name: str,
    row: OutboundConnector | IdentityProvider | ServiceProvider,
    tenant: Tenant,
) -> None:
    """No new jobs from now on; what is at the targets stays, and so does the history."""
    if row.retired_at is not None:
        run.note(kind, tenant, name, Result.UNCHANGED)
        return
    row.retired_at = timezone.now()
    row.save(update_fields=["retired_at"])
    run.note(kind, tenant, name, Result.RETIRED, subject=row.pk)


def remove_store(run: Applying, store: UserStore, path: str) -> None:
    if store.domain in (PRIMARY, INTERNAL):
        raise ConfigurationError(f"{path}: every tenant keeps its store {store.domain}")
    if store.users.exists() or store.groups.exists():
        raise ConfigurationError(
            f"{path}: the store {store.domain} still has users or groups: remove them first"
        )
    if store.passing.exists():
        raise ConfigurationError(
            f"{path}: a service provider in dumb mode has sent users or groups of the store "
            f"{store.domain} onward: withdraw them first"
        )
    name, tenant = store.domain, store.tenant
    try:
        store.delete()
    except ProtectedError as error:
        raise ConfigurationError(
            f"{path}: the store {name} is still named as the store to provision to: "
            "choose another one there first"
        ) from error
    run.note("user store", tenant, name, Result.DELETED)


def remove_tenant(run: Applying, tenant: Tenant, path: str) -> None:
    """Remove an empty tenant with its configuration and history; the root's trail tells it."""
    if tenant.is_root:
        raise ConfigurationError(f"{path}: the tenant {tenant.domain} always exists")
    if User.objects.filter(tenant=tenant).exists() or _groups(tenant):
        raise ConfigurationError(
            f"{path}: the tenant {tenant.domain} still has users or groups: remove them first"
        )
    if PassingEntity.objects.filter(tenant=tenant, deleted=None).exists():
        raise ConfigurationError(
            f"{path}: service providers of the tenant {tenant.domain} have sent users or "
            "groups onward (dumb mode): withdraw them first"
        )
    domain = tenant.domain
    root = Tenant.objects.get(domain=ROOT)
    for model, lookup in _BELOW:
        model._default_manager.filter(**{lookup: tenant}).delete()
    tenant.delete()
    run.note("tenant", root, domain, Result.DELETED)


def _groups(tenant: Tenant) -> bool:
    return Group.objects.filter(tenant=tenant).exclude(store__domain=INTERNAL).exists()


_BELOW: tuple[tuple[type[Model], str], ...] = (
    (Job, "tenant"),
    (ProvisionedEntity, "tenant"),
    (PassingEntity, "tenant"),
    (ServiceProvider, "tenant"),
    (OutboundConnector, "provider__tenant"),
    (JitSettings, "provider__tenant"),
    (IdentityProvider, "tenant"),
    (Operator, "tenant"),
    (Group, "tenant"),
    (UserStore, "tenant"),
    (AuditEvent, "tenant"),
)
