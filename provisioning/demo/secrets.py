"""Passwords made once and kept in the data directory, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

from idp.models import ROOT, Operator, Role, Tenant


def kept_secret(name: str) -> str:
    """What the file of that name holds; a new password the first time."""
    file = Path(settings.DATA_DIR) / name
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(12) + "\n")
    return file.read_text().strip()


def admin_password() -> str:
    return os.environ.get("ADMIN_PASSWORD") or kept_secret("admin-password")


def ensure_admin(password: str) -> bool:
    """Make the super-operator `admin`; False when theirs is another password.

    One that the environment names is set; one that was changed in the console stays.
    """
    tenant = Tenant.objects.get(domain=ROOT)
    admin = Operator.objects.filter(tenant=tenant, name="admin").first()
    if admin is None:
        Operator.objects.create_superuser("admin", password)
        return True
    if admin.check_password(password):
        return True
    if not os.environ.get("ADMIN_PASSWORD"):
        return False
    admin.set_password(password)
    admin.role, admin.is_active = Role.ADMINISTRATOR, True
    admin.save()
    return True
