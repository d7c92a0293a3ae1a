"""Identity providers: basic information, claims, roles and just-in-time provisioning."""

from __future__ import annotations

from typing import Any, ClassVar

from cryptography.x509 import load_pem_x509_certificates
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from idp import by_claim, claim_rows, claims, revisions
from idp.admin.authenticators import AuthenticatorInline
from idp.console.base import (
    Panel,
    TenantAdmin,
    TenantForm,
    TenantStackedInline,
    TenantTabularInline,
)
from idp.console.buttons import Button
from idp.console.scope import current_tenant
from idp.forms import NamesField, RowForm
from idp.local_claims import table_of
from idp.models import ClaimMapping, IdentityProvider, JitSettings, RoleMapping, Tenant

SOURCES = ("local", "constant", "expression")
SENT = (ClaimMapping, RoleMapping)
SENDS = {"claim_dialect", "user_id_claim", "role_claim", "provisioning_roles", "unmapped_roles"}
"""Rows and columns that change what the connectors send."""


class IdentityProviderForm(TenantForm):
    provisioning_roles = NamesField(
        label="Outbound provisioning roles",
        required=False,
        help_text="Only holders of one of these roles or groups are provisioned; one per "
        "line. Empty: everybody.",
    )

    class Meta:
        widgets = {
            "certificate": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
            "description": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        }

    def clean_certificate(self) -> str:
        text: str = self.cleaned_data["certificate"].strip()
        try:
            if text:
                load_pem_x509_certificates(text.encode())
        except ValueError as error:
            raise ValidationError(
                "This is no certificate in PEM form (-----BEGIN CERTIFICATE----- …)."
            ) from error
        return text


class ClaimMappingForm(RowForm):
    tenant: ClassVar[Tenant]

    class Meta:
        widgets = {
            "local": UnfoldAdminTextInputWidget(attrs={"list": "claim-uris"}),
            "expression": UnfoldAdminExpandableTextareaWidget(
                attrs={"rows": 1, "spellcheck": "false"}
            ),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = [name for name in SOURCES if cleaned.get(name)]
        if not self.errors and len(given) != 1:
            self.add_error(
                given[-1] if given else "local",
                "A row has one of a local claim, a constant and an expression.",
            )
        local, expression = cleaned.get("local", ""), cleaned.get("expression", "")
        wrong = claim_rows.problems(table_of(self.tenant), local, expression)
        for name, problem in wrong.items():
            self.add_error(name, f"{problem[:1].upper()}{problem[1:]}.")
        return cleaned


class ClaimMappingInline(TenantTabularInline):
    model = ClaimMapping
    form = ClaimMappingForm
    hide_title = True
    verbose_name_plural = "Claim mappings: used with a claim dialect of its own"
    fields = ["remote", "local", "constant", "expression", "default", "create_only"]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.tenant = current_tenant(request)
        return formset


class RoleMappingInline(TenantTabularInline):
    model = RoleMapping
    hide_title = True
    verbose_name_plural = "Role mappings"
    fields = ["local", "remote"]


class JitForm(RowForm):
    tenant: ClassVar[Tenant]

    link_existing_by = NamesField(
        required=False,
        help_text="Claim URIs by which a person who signs in is matched with an existing "
        "user; one per line.",
    )

    def clean_link_existing_by(self) -> list[str]:
        uris: list[str] = self.cleaned_data["link_existing_by"]
        for uri in uris:
            try:
                found = by_claim.can_be_searched(self.tenant, uri)
            except claims.UnknownClaim as error:
                raise ValidationError(f"“{uri}”: {error}.") from error
            if not found:
                raise ValidationError(f"“{uri}”: people are not searched by this claim.")
        return uris


class JitInline(TenantStackedInline):
    model = JitSettings
    form = JitForm
    verbose_name_plural = "Just-in-time provisioning"
    fields = [
        "enabled",
        ("user_store", "user_store_claim"),
        ("prompt", "attribute_sync"),
        "link_existing_by",
    ]
    extra = max_num = 1
    can_delete = False
    hide_title = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.tenant = current_tenant(request)
        return formset


def _is_retired(provider: IdentityProvider) -> bool:
    return provider.retired_at is not None


class IdentityProviderAdmin(TenantAdmin):
    """Registered by `provisioning.admin`, which adds what needs the engine."""

    form = IdentityProviderForm
    list_display = ["name", "display_name", "shown_state", "connector_types", "modified"]
    list_display_links = ["name"]
    list_filter = ["enabled"]
    search_fields = ["name", "display_name", "home_realm_identifier"]
    inlines = [ClaimMappingInline, RoleMappingInline, AuthenticatorInline, JitInline]
    fieldsets = [
        (
            "Basic information",
            {
                "fields": [
                    ("name", "display_name"),
                    "description",
                    "enabled",
                    ("home_realm_identifier", "alias"),
                    "certificate",
                ]
            },
        ),
        (
            "Claim configuration",
            {"fields": ["claim_dialect", ("user_id_claim", "role_claim")]},
        ),
        ("Role configuration", {"fields": ["provisioning_roles", "unmapped_roles"]}),
    ]
    buttons: tuple[Button, ...] = (
        Button(
            "retire",
            "Retire",
            "retire",
            icon="inventory_2",
            danger=True,
            shown=lambda provider: provider.retired_at is None,
            confirm="Nothing new will be sent through this identity provider's connectors. "
            "Accounts that exist at the targets stay there, and the history stays here.",
        ),
        Button("restore", "Take back into service", "restore", icon="undo", shown=_is_retired),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[IdentityProvider]:
        return super().get_queryset(request).prefetch_related("connectors")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that was never used may go; one with connectors or history is retired."""
        used = obj is not None and (obj.connectors.exists() or obj.outbound_targets.exists())
        return bool(super().has_delete_permission(request, obj)) and not used

    def get_panels(self, request: HttpRequest, obj: IdentityProvider) -> list[Panel]:
        counts = Count("outbound_targets", filter=Q(outbound_targets__isnull=False))
        content = {
            "provider": obj,
            "connectors": obj.connectors.annotate(rows=counts).order_by("type"),
            "may_add": request.user.has_perm("idp.add_outboundconnector"),
        }
        return [Panel("console/panels/connectors.html", content)]

    def save_related(
        self, request: HttpRequest, form: Any, formsets: list[Any], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        mapped = any(formset.has_changed() for formset in formsets if formset.model in SENT)
        if mapped or SENDS & set(form.changed_data):
            revisions.touch(form.instance)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """To its own page: the next thing it needs is a connector."""
        return HttpResponseRedirect(self.page_of(obj))

    def retire(self, request: HttpRequest, obj: IdentityProvider) -> None:
        obj.retired_at = timezone.now()
        self._store_state(request, obj, "retire")
        messages.success(request, f"{obj} is retired: nothing new is sent through it.")

    def restore(self, request: HttpRequest, obj: IdentityProvider) -> None:
        obj.retired_at = None
        self._store_state(request, obj, "restore")
        messages.success(request, f"{obj} is in service again.")

    def _store_state(self, request: HttpRequest, obj: IdentityProvider, action: str) -> None:
        obj.save(update_fields=["retired_at", "modified"])
        self.admin_site.note(request, obj, action, [])

    @display(
        description="State",
        label={"enabled": "success", "disabled": "warning", "retired": "danger"},
    )
    def shown_state(self, obj: IdentityProvider) -> str:
        if obj.retired_at:
            return "retired"
        return "enabled" if obj.enabled else "disabled"

    @display(description="Connectors")
    def connector_types(self, obj: IdentityProvider) -> str:
        return ", ".join(connector.type for connector in obj.connectors.all()) or "none"
