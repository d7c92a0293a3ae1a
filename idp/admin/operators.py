"""Operators of the console and the doors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget

from idp.console.base import TenantAdmin, TenantForm
from idp.console.scope import operator_of
from idp.models import Operator


class OperatorForm(TenantForm):
    new_password = forms.CharField(
        label="Password",
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        password = self.fields.get("new_password")
        if password and self.instance._state.adding:
            password.required = True
        elif password:
            password.label = "New password"
            password.widget.attrs["placeholder"] = "unchanged"

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if "@" in name or "/" in name:
            raise ValidationError("A name has no “@” and no “/”: the tenant is added to it.")
        return name

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        if password:
            validate_password(password, self.instance)
        return password


@admin.register(Operator)
class OperatorAdmin(TenantAdmin):
    form = OperatorForm
    list_display = ["username", "email", "shown_role", "use_doors", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["name", "email"]
    ordering = ["username"]
    fieldsets = [
        (None, {"fields": ["name", "email", "role", "use_doors", "is_active"]}),
        ("Password", {"fields": ["new_password"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if not operator_of(request).is_superuser:
            return self.fieldsets
        rights = ("Super-operator", {"fields": ["is_superuser"]})
        return [*self.fieldsets, rights]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A name is for life: scripts sign in with it. Nobody locks themselves out."""
        fixed = ["name"] if obj else []
        mine = obj is not None and obj.pk == request.user.pk
        return [*fixed, "role", "is_active"] if mine else fixed

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only super-operators change super-operators."""
        above = obj is not None and obj.is_superuser and not operator_of(request).is_superuser
        return bool(super().has_change_permission(request, obj)) and not above

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        me = obj is not None and obj.pk == request.user.pk
        return (
            bool(super().has_delete_permission(request, obj))
            and not me
            and self.has_change_permission(request, obj)
        )

    def save_model(self, request: HttpRequest, obj: Operator, form: Any, change: bool) -> None:
        if password := form.cleaned_data.get("new_password"):
            obj.set_password(password)
        super().save_model(request, obj, form, change)

    @display(
        description="Role",
        label={"super-operator": "primary", "administrator": "info"},
    )
    def shown_role(self, obj: Operator) -> str:
        return "super-operator" if obj.is_superuser else str(obj.role)
