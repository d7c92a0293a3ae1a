"""Identity providers; what their claim mappings make of a person can be tried out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from idp import local_claims
from idp import queries as people
from idp.console.base import Panel
from idp.console.scope import current_tenant
from idp.models import ClaimDialect, ClaimMapping, IdentityProvider, RoleMapping, User, key_of
from provisioning import mapping_trials, subjects
from provisioning.admin import signing_in
from provisioning.admin.presets import PresetAdmin


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the form as it was posted: to be tried, or with what is wrong with it."""

    row: ClaimMapping
    problem: str = ""


@admin.register(IdentityProvider)
class ProviderAdmin(PresetAdmin):
    def get_urls(self) -> list[URLPattern]:
        trial = self.admin_site.admin_view(require_POST(self.trial))
        url = path("<path:object_id>/trial/", trial, name="idp_identityprovider_trial")
        return [url, *super().get_urls()]

    def get_panels(self, request: HttpRequest, obj: IdentityProvider) -> list[Panel]:
        table = local_claims.table_of(obj.tenant)
        uris = [(entry.uri, entry.display_name) for entry in table.entries]
        content = {"provider": obj, "claims": uris}
        panels: list[Panel] = super().get_panels(request, obj)
        if facts := signing_in.facts(obj):
            panels.append(Panel("console/panels/signing_in.html", facts))
        if self.has_change_permission(request, obj):
            panels.append(Panel("console/panels/mapping_trial.html", content))
            if hasattr(obj, "authenticator"):
                panels.append(Panel("console/panels/test_login.html", content))
        return panels

    def trial(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Try what the form says now on a person; stores nothing. Answers a fragment."""
        provider = self.get_object(request, object_id)
        if provider is None or not self.has_change_permission(request, provider):
            raise Http404("There is no such identity provider here.")
        name = request.POST.get("person", "").strip()
        user = self._person(request, name)
        if user is None:
            said = f"There is no user “{name}”." if name else "Choose a person first."
            return render(request, "console/mapping_trial.html", {"said": said})
        form = self.get_form(request, provider, change=True)(request.POST, instance=provider)
        form.is_valid()  # brings the posted values onto the instance
        formsets, _ = self._create_formsets(request, provider, change=True)
        provider.remote_roles = _roles(formsets)
        lines = list(_lines(formsets))
        trial = mapping_trials.run(
            subjects.of_user(user), provider, [(line.row, line.problem) for line in lines]
        )
        shown = {
            "person": user,
            "trial": trial,
            "is_local": provider.claim_dialect != ClaimDialect.CUSTOM,
        }
        return render(request, "console/mapping_trial.html", shown)

    def _person(self, request: HttpRequest, name: str) -> User | None:
        tenant = current_tenant(request)
        where = people.named(people.stores_of(tenant), name, "username_key")
        return people.users_of(tenant).filter(where).select_related("tenant", "store").first()


def _forms(formsets: list[Any], model: type[Any]) -> Iterator[Any]:
    """The filled-in rows of the posted formset, without those that are to be deleted."""
    for formset in formsets:
        if formset.model is not model:
            continue
        formset.is_valid()
        for form in formset.forms:
            blank = form.instance._state.adding and not form.has_changed()
            if not blank and form not in formset.deleted_forms:
                yield form


def _lines(formsets: list[Any]) -> Iterator[_Line]:
    for form in _forms(formsets, ClaimMapping):
        problems = [str(text) for texts in form.errors.values() for text in texts]
        yield _Line(form.instance, " ".join(problems))


def _roles(formsets: list[Any]) -> dict[str, str]:
    rows = [form.instance for form in _forms(formsets, RoleMapping) if not form.errors]
    return {key_of(row.local): row.remote for row in rows}
