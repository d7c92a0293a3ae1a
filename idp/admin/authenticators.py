"""How people sign in through an identity provider, on its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from connectors import ConfigField
from idp import authenticators
from idp.console.base import TenantStackedInline
from idp.models import Authenticator, IdentityProvider
from idp.setting_fields import PREFIX
from idp.setting_forms import SettingsForm

TYPE = authenticators.together()[0].name


class AuthenticatorForm(SettingsForm):
    """The settings of all types; those of the chosen one count. Without a type there is no
    authenticator, and one that was there goes."""

    class Meta:
        model = Authenticator
        fields: Sequence[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.known_settings or {}
        given = {TYPE: self.instance.type, **stored}
        self.declare(given, IdentityProvider())

    @property
    def declared(self) -> Sequence[ConfigField]:
        return authenticators.together()

    def has_changed(self) -> bool:
        """What is said without a type, where there was none, is nothing."""
        typed = self[PREFIX + TYPE].value()
        return bool(typed or not self.instance._state.adding) and super().has_changed()

    def check_settings(self) -> None:
        kind, submitted = self._chosen()
        row = self.instance
        if kind:
            stored = row.known_settings if row.type == kind else None
            authenticators.clean_for(Authenticator(type=kind), submitted, stored)

    def _chosen(self) -> tuple[str, dict[str, Any]]:
        """The type, and of what was submitted what its type declares."""
        submitted = self.submitted_settings()
        kind = str(submitted.pop(TYPE) or "")
        known = {field.name for field in authenticators.TYPES.get(kind, ())}
        return kind, {name: value for name, value in submitted.items() if name in known}

    def save(self, commit: bool = True) -> Authenticator:
        row: Authenticator = self.instance
        kind, submitted = self._chosen()
        if kind:
            row.type = kind
            authenticators.save(row, submitted)
        elif not row._state.adding:
            row.delete()
        return row


class AuthenticatorInline(TenantStackedInline):
    model = Authenticator
    form = AuthenticatorForm
    verbose_name = verbose_name_plural = "Signing in"
    extra = max_num = 1
    can_delete = False
    hide_title = True

    class Media:
        js = ["console/connector_form.js"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is one at most, and the form of another would have other fields."""
        has_one = getattr(obj, "authenticator", None) is not None
        return bool(super().has_add_permission(request, obj)) and not has_one

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, **{**kwargs, "fields": []})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        row = getattr(obj, "authenticator", None)
        form = AuthenticatorForm(instance=row)
        return [(None, {"fields": form.setting_names(advanced=False)})]
