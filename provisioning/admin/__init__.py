"""The console pages that cause provisioning, and those that show what became of it."""

from provisioning.admin import (
    associations,
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
    "associations",
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
