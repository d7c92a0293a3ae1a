"""Humans (and scripts) at the console and the doors. Never users of a store."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from idp.models.base import new_id
from idp.models.tenant import Tenant


class Role(models.TextChoices):
    VIEWER = "viewer", "Viewer: sees everything of the tenant"
    OPERATOR = "operator", "Operator: also works on people, groups and jobs"
    ADMINISTRATOR = "administrator", "Administrator: also changes the configuration"


_WORK = {
    "user",
    "group",
    "membership",
    "job",
    "conflict",
    "provisionedentity",
    "passingentity",
    "message",
}


def login_name(name: str, tenant: Tenant) -> str:
    """What the operator types: bare in the root tenant, `name@domain` elsewhere."""
    return name if tenant.is_root else f"{name}@{tenant.domain}"


class OperatorManager(BaseUserManager["Operator"]):
    def create_operator(
        self, tenant: Tenant, name: str, password: str | None, **fields: Any
    ) -> Operator:
        operator = self.model(
            tenant=tenant, name=name, username=login_name(name, tenant), **fields
        )
        operator.set_password(password)
        operator.save(using=self._db)
        return operator

    def create_superuser(self, username: str, password: str, **fields: Any) -> Operator:
        from idp.models.tenant import ROOT

        tenant = Tenant.objects.get(domain=ROOT)
        return self.create_operator(
            tenant,
            username,
            password,
            role=Role.ADMINISTRATOR,
            is_superuser=True,
            use_doors=True,
            **fields,
        )


# The relation belongs to a floor above, which this one must not know.
class Operator(AbstractBaseUser):  # type: ignore[django-manager-missing]
    """`username` is `login_name(name, tenant)` and unique; `name` is unique in the tenant."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="operators")
    name = models.CharField(max_length=150)
    username = models.CharField(max_length=345, unique=True, editable=False)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER)
    use_doors = models.BooleanField(
        "use the provisioning doors",
        default=False,
        help_text="May call SCIM and SOAP with Basic authentication.",
    )
    is_superuser = models.BooleanField(
        "super-operator", default=False, help_text="Works in every tenant."
    )
    is_active = models.BooleanField("active", default=True)
    created = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[OperatorManager] = OperatorManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="operator_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.username = login_name(self.name, self.tenant)
        super().save(*args, **kwargs)

    @property
    def is_staff(self) -> bool:
        return self.is_active

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """By role: viewers view, operators work, administrators configure."""
        if not self.is_active:
            return False
        if self.is_superuser or self.role == Role.ADMINISTRATOR:
            return True
        action, _, model = perm.partition(".")[2].partition("_")
        return action == "view" or (self.role == Role.OPERATOR and model in _WORK)

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active
