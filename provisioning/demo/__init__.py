"""The demo: a tenant that provisions its people, over HTTP, into another of the same server."""

from provisioning.demo.configuration import TARGET_TENANT, configuration
from provisioning.demo.secrets import admin_password, ensure_admin, kept_secret

__all__ = [
    "TARGET_TENANT",
    "admin_password",
    "configuration",
    "ensure_admin",
    "kept_secret",
]
