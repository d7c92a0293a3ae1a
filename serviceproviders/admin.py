"""Service providers: what comes in from an application, and where it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from idp.console.base import Panel, TenantAdmin, TenantForm, TenantTabularInline, in_tenant
from idp.console.buttons import Button
from idp.console.scope import current_tenant
from idp.forms import NamesField, RowForm
from idp.models import OutboundConnector, Tenant
from serviceproviders import clients
from serviceproviders.models import OAuthClient, OutboundTarget, ServiceProvider

SCOPES = cast(dict[str, str], settings.OAUTH2_PROVIDER["SCOPES"])

SHOWN_TOKENS = 20

if TYPE_CHECKING:
    _ModelChoiceField = forms.ModelChoiceField[OutboundConnector]
else:
    _ModelChoiceField = forms.ModelChoiceField


class ConnectorChoice(_ModelChoiceField):
    def label_from_instance(self, obj: Model) -> str:
        return str(obj)


class OutboundTargetForm(RowForm):
    """One select says both: a connector belongs to one identity provider."""

    tenant: Tenant
    connector = ConnectorChoice(
        label="Identity provider / connector",
        queryset=OutboundConnector.objects.none(),
        widget=UnfoldAdminSelectWidget(attrs={"aria-label": "Identity provider / connector"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = in_tenant(OutboundConnector.objects.select_related("provider"), self.tenant)
        usable = Q(enabled=True, retired_at=None, provider__retired_at=None)
        rows = rows.filter(usable | Q(pk=self.instance.connector_id))
        self.fields["connector"].queryset = rows.order_by(  # type: ignore[attr-defined]
            "provider__name", "type"
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if connector := cleaned.get("connector"):
            self.instance.provider = connector.provider
        return cleaned


class OutboundFormSet(PaginationInlineFormSet):
    def clean(self) -> None:
        super().clean()
        seen: set[object] = set()
        for form in self.forms:
            connector = form.cleaned_data.get("connector") if form.is_valid() else None
            if connector is None or form.cleaned_data.get("DELETE"):
                continue
            if connector.provider_id in seen:
                form.add_error("connector", "There is one row per identity provider.")
            seen.add(connector.provider_id)


class OutboundInline(TenantTabularInline):
    model = OutboundTarget
    form = OutboundTargetForm
    formset = OutboundFormSet
    hide_title = True
    verbose_name = "outbound row"
    verbose_name_plural = "Outbound provisioning"
    fields = ["connector", "blocking", "on_blocking_failure", "enable_rules", "jit_outbound"]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The resident service provider takes no just-in-time logins of its own."""
        if obj is not None and obj.is_resident:
            kwargs["fields"] = [name for name in self.fields if name != "jit_outbound"]
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.tenant = current_tenant(request)
        return formset

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        resident = obj is not None and obj.is_resident
        return [n for n in self.fields if n != "jit_outbound" or not resident]


class OAuthClientForm(RowForm):
    allowed_networks = NamesField(
        required=False,
        help_text=OAuthClient._meta.get_field("allowed_networks").help_text,
    )
    scopes = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {text}") for name, text in SCOPES.items()],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="What its tokens may be used for.",
    )


class OAuthClientInline(TenantTabularInline):
    model = OAuthClient
    form = OAuthClientForm
    verbose_name_plural = "OAuth client"
    fields = ["client_id", "scopes", "allowed_networks", "requests_per_minute"]
    readonly_fields = ["client_id"]
    max_num = 0
    hide_title = True


def _tokens(row: ServiceProvider) -> list[Panel]:
    if not _has_client(row):
        return []
    live = clients.live_tokens(row)
    content = {"tokens": live.order_by("-created")[:SHOWN_TOKENS], "count": live.count()}
    return [Panel("console/panels/tokens.html", content)]


def _has_client(row: ServiceProvider) -> bool:
    return bool(OAuthClient.objects.filter(service_provider=row).exists())


def _may_have_client(row: ServiceProvider) -> bool:
    return not row.is_resident and row.retired_at is None and not _has_client(row)


class ServiceProviderForm(TenantForm):
    class Meta:
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 2})}

    def clean(self) -> dict[str, Any]:
        """In dumb mode no store is provisioned to, so none stays chosen."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("dumb_mode"):
            cleaned["user_store"] = None
        return cleaned


class ServiceProviderAdmin(TenantAdmin):
    form = ServiceProviderForm
    list_display = ["shown_name", "description", "shown_targets", "shown_mode", "shown_state"]
    search_fields = ["name", "description"]
    ordering = ["name"]
    inlines = [OutboundInline, OAuthClientInline]
    fieldsets = [
        ("Basic information", {"fields": ["name", "description"]}),
        ("Inbound provisioning", {"fields": ["dumb_mode", "user_store", "strict"]}),
    ]
    conditional_fields = {"user_store": "dumb_mode == false"}
    buttons = (
        Button(
            "create-client",
            "Create OAuth client",
            "create_client",
            "key",
            shown=_may_have_client,
        ),
        Button(
            "rotate-secret",
            "New client secret",
            "rotate_secret",
            "key",
            shown=_has_client,
            confirm="The present secret stops working at once. The new one is shown once.",
        ),
        Button(
            "revoke-tokens",
            "Revoke tokens",
            "revoke_tokens",
            "key_off",
            danger=True,
            shown=lambda row: clients.live_tokens(row).exists(),
            confirm="Every access token it has stops working at once. With its id and secret "
            "it can have new ones.",
        ),
        Button(
            "retire",
            "Retire",
            "retire",
            "inventory_2",
            danger=True,
            shown=lambda row: not row.is_resident and row.retired_at is None,
            confirm="Its credentials stop working and nothing new is accepted from it. "
            "Accounts that exist at the targets stay there.",
        ),
        Button(
            "restore",
            "Take back into service",
            "restore",
            "undo",
            shown=lambda row: row.retired_at is not None,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceProvider]:
        return super().get_queryset(request).prefetch_related("outbound__connector__provider")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name"] if obj is not None and obj.is_resident else []

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        with_client = obj is not None and _has_client(obj)
        return self.inlines if with_client else [OutboundInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only one that never sent anything anywhere; others are retired."""
        used = obj is not None and (
            obj.is_resident or obj.outbound.exists() or obj.passing.exists() or _has_client(obj)
        )
        return bool(super().has_delete_permission(request, obj)) and not used

    def get_panels(self, request: HttpRequest, obj: ServiceProvider) -> list[Panel]:
        return [*_tokens(obj), *self._passing(obj)]

    def _passing(self, obj: ServiceProvider) -> list[Panel]:
        count = obj.passing.filter(deleted=None).count()
        if not (count or obj.dumb_mode):
            return []
        page = reverse("admin:provisioning_passingentity_changelist")
        url = f"{page}?service_provider={obj.pk}"
        content = {"count": count, "url": url, "on": obj.dumb_mode}
        return [Panel("console/panels/passing.html", content)]

    def create_client(self, request: HttpRequest, obj: ServiceProvider) -> HttpResponse:
        client, secret = clients.create_client(obj)
        return self._show_once(request, obj, client, secret)

    def rotate_secret(self, request: HttpRequest, obj: ServiceProvider) -> HttpResponse:
        client = obj.oauth_client
        return self._show_once(request, obj, client, clients.rotate_secret(client))

    def revoke_tokens(self, request: HttpRequest, obj: ServiceProvider) -> None:
        count = clients.revoke_tokens(obj)
        self.admin_site.note(request, obj, "revoke_tokens", [])
        messages.success(request, f"{count} access tokens were revoked.")

    def _show_once(
        self, request: HttpRequest, obj: ServiceProvider, client: OAuthClient, secret: str
    ) -> HttpResponse:
        self.admin_site.note(request, obj, "client_secret", [])
        context = {
            **self.admin_site.each_context(request),
            "title": f"OAuth client of {obj}",
            "client": client,
            "secret": secret,
            "back": self.page_of(obj),
        }
        answer = TemplateResponse(request, "console/client_secret.html", context)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def retire(self, request: HttpRequest, obj: ServiceProvider) -> None:
        obj.retired_at = timezone.now()
        self._store_state(request, obj, "retire", f"{obj} is retired.")

    def restore(self, request: HttpRequest, obj: ServiceProvider) -> None:
        obj.retired_at = None
        self._store_state(request, obj, "restore", f"{obj} is in service again.")

    def _store_state(
        self, request: HttpRequest, obj: ServiceProvider, action: str, said: str
    ) -> None:
        obj.save(update_fields=["retired_at", "modified"])
        self.admin_site.note(request, obj, action, [])
        messages.success(request, said)

    @display(description="Service provider", header=True, ordering="name")
    def shown_name(self, obj: ServiceProvider) -> list[str]:
        if obj.is_resident:
            return ["Resident", "console, SOAP, SCIM with Basic, sign-up, imports"]
        return [obj.name, ""]

    @display(description="Provisions to")
    def shown_targets(self, obj: ServiceProvider) -> str:
        return ", ".join(str(row.connector) for row in obj.outbound.all()) or "nowhere"

    @display(description="Users are")
    def shown_mode(self, obj: ServiceProvider) -> str:
        return "sent onward, not stored" if obj.dumb_mode else "stored"

    @display(description="State", label={"in service": "success", "retired": "danger"})
    def shown_state(self, obj: ServiceProvider) -> str:
        return "retired" if obj.retired_at else "in service"
