from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from idp.console.base import TenantAdmin, TenantForm
from idp.models import INTERNAL, PRIMARY, UserStore
from idp.models.userstore import store_domain
from idp.store_names import name_beginning_with


class UserStoreForm(TenantForm):
    def clean_domain(self) -> str:
        domain: str = self.cleaned_data["domain"].upper()
        store_domain(domain)
        if domain == INTERNAL.upper():
            raise ValidationError("Internal is the store of roles and exists already.")
        if taken := name_beginning_with(self.tenant, domain):
            raise ValidationError(
                f"“{taken}” begins with {domain}/ already: it would seem to move there."
            )
        return domain


@admin.register(UserStore)
class UserStoreAdmin(TenantAdmin):
    """Stores keep their domain for life: names of people are written with it."""

    form = UserStoreForm
    list_display = ["domain", "description", "created"]
    ordering = ["domain"]
    fields = ["domain", "description"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["domain"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A store with people or groups in it stays, and so do the two every tenant has."""
        keep = obj is not None and (
            obj.domain in (PRIMARY, INTERNAL) or obj.users.exists() or obj.groups.exists()
        )
        return bool(super().has_delete_permission(request, obj)) and not keep

    def get_queryset(self, request: HttpRequest) -> QuerySet[UserStore]:
        return super().get_queryset(request).select_related("tenant")
