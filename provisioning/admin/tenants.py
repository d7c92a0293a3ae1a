from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from idp.console.base import TenantAdmin, TenantForm
from idp.console.scope import operator_of
from idp.models import Tenant
from serviceproviders.tenants import create_tenant


class TenantRowForm(TenantForm):
    """A tenant comes with its stores and its resident service provider."""

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise ValidationError(f"“{zone}” is not a time zone: write it like Europe/Paris.")
        return zone

    def save_m2m(self) -> None:
        """There is nothing many-to-many about a tenant."""

    def save(self, commit: bool = True) -> Tenant:
        if self.instance._state.adding:
            self.instance = create_tenant(self.instance.domain, self.instance.time_zone)
        else:
            super().save(commit)
        tenant: Tenant = self.instance
        return tenant


@admin.register(Tenant)
class TenantRowAdmin(TenantAdmin):
    """For super-operators only."""

    form = TenantRowForm
    list_display = ["domain", "time_zone", "created"]
    search_fields = ["domain"]
    ordering = ["domain"]
    fields = ["domain", "time_zone", "self_signup"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        return Tenant.objects.all()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The domain is in people's login names and addresses: it stays."""
        return ["domain"] if obj else []

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return operator_of(request).is_superuser

    has_add_permission = has_module_permission = has_view_permission
    has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
