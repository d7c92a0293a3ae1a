"""Changing whom an identity provider provisions moves people: numbers first, then a yes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from idp.admin.providers import IdentityProviderAdmin
from idp.console.scope import operator_of
from idp.forms import NamesField
from idp.models import IdentityProvider, RoleMapping
from provisioning import reconsidering, role_lists

AGREED = "roles_agreed"


class RoleListAdmin(IdentityProviderAdmin):
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST" and AGREED not in request.POST:
            provider = self.get_object(request, object_id)
            roles = NamesField(required=False).to_python(
                request.POST.get("provisioning_roles", "")
            )
            if provider is not None and self._is_another(request, provider, roles):
                effects = role_lists.effects(provider, roles)
                if any(effect.created or effect.withdrawn for effect in effects):
                    return self._ask_about(request, provider, roles, effects)
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return answer

    def _is_another(
        self, request: HttpRequest, provider: IdentityProvider, roles: list[str]
    ) -> bool:
        return (
            "provisioning_roles" in request.POST
            and roles != provider.provisioning_roles
            and provider.retired_at is None
            and self.has_change_permission(request, provider)
        )

    def _ask_about(
        self,
        request: HttpRequest,
        provider: IdentityProvider,
        roles: list[str],
        effects: list[role_lists.Effect],
    ) -> HttpResponse:
        posted = [
            (name, value)
            for name, values in request.POST.lists()
            if name != "csrfmiddlewaretoken"
            for value in values
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": "Other provisioning roles",
            "opts": self.opts,
            "original": provider,
            "roles": roles,
            "before": provider.provisioning_roles,
            "effects": effects,
            "withdraws": any(effect.withdrawn for effect in effects),
            "posted": [*posted, (AGREED, "1")],
            "back": self.page_of(provider),
        }
        return TemplateResponse(request, "console/role_list.html", context)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: list[Any], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        if not change:
            return
        actor = operator_of(request).username
        if "provisioning_roles" in form.changed_data:
            before = form.initial["provisioning_roles"]
            reconsidering.follow_roles(form.instance, before, actor=actor)
        mapped = any(one.model is RoleMapping and one.has_changed() for one in formsets)
        if mapped or "unmapped_roles" in form.changed_data:
            reconsidering.follow_names(form.instance, actor=actor)
