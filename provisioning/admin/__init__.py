"""The console pages that cause provisioning, and those that show what became of it."""

from provisioning.admin import connectors, entities, jobs, tenants, trail

__all__ = ["connectors", "entities", "jobs", "tenants", "trail"]
