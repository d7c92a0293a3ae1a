"""The console pages that cause provisioning, and those that show what became of it."""

from provisioning.admin import tenants

__all__ = ["tenants"]
