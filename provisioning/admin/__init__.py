"""The console pages that cause provisioning, and those that show what became of it."""

from provisioning.admin import (
    conflicts,
    connectors,
    entities,
    groups,
    jobs,
    notifications,
    passing,
    policies,
    providers,
    service_providers,
    sign_ups,
    tenants,
    trail,
    users,
    webhooks,
)

__all__ = [
    "conflicts",
    "connectors",
    "entities",
    "groups",
    "jobs",
    "notifications",
    "passing",
    "policies",
    "providers",
    "service_providers",
    "sign_ups",
    "tenants",
    "trail",
    "users",
    "webhooks",
]
