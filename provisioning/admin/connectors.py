"""Outbound connectors: settings as the connector declares them, policies, and a test."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.decorators import display

from connectors import ConnectorError, Finding
from idp.console.base import Panel, TenantAdmin, in_tenant
from idp.console.scope import current_tenant, operator_of
from idp.forms import ConnectorForm
from idp.models import IdentityProvider, Mode, OutboundConnector
from provisioning import queries, reconsidering, targets, wake
from provisioning.admin import connector_buttons, sample_names
from provisioning.admin.connector_types import labels, types_left
from provisioning.templatetags.console import connector_label

POLICIES = [
    ("groups_choice", "groups_names"),
    "delete_action",
    ("on_conflict", "on_deny"),
    "protected_names",
    "retry_hours",
]
BUDGET = [("requests_per_second", "burst"), ("concurrency", "daily_quota")]
MAINTENANCE = ["maintenance_windows"]
GUARD = [
    ("guard_max_count", "guard_max_percent"),
    ("guard_window_minutes", "guard_expire_hours"),
]


@admin.register(OutboundConnector)
class ConnectorAdmin(TenantAdmin):
    """Reached from its identity provider's page."""

    class Media:
        js = ["console/connector_form.js"]

    change_form_template = "console/connector_form.html"
    add_form_template = "console/connector_form.html"
    list_display = ["__str__", "shown_state", "modified"]
    show_add_link = False
    buttons = connector_buttons.BUTTONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboundConnector]:
        return (
            super().get_queryset(request).select_related("provider__tenant", "health", "spent")
        )

    # choosing a type, then the form

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        provider = self._provider(request)
        if request.GET.get("type") in types_left(provider):
            answer: HttpResponse = super().add_view(request, form_url, extra_context)
            return answer
        context = {
            **self.admin_site.each_context(request),
            "title": f"Add a connector to {provider}",
            "provider": provider,
            "types": labels(types_left(provider)),
            "back": self._provider_page(provider),
        }
        return TemplateResponse(request, "console/connector_types.html", context)

    def _provider(self, request: HttpRequest) -> IdentityProvider:
        rows = in_tenant(IdentityProvider.objects.all(), current_tenant(request))
        try:
            found: IdentityProvider = get_object_or_404(rows, pk=request.GET.get("provider"))
        except (ValueError, TypeError) as error:
            raise Http404("There is no such identity provider here.") from error
        return found

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Not Django's factory: the fields depend on the connector's type."""
        if obj is not None:
            return ConnectorForm
        more = {
            "provider": self._provider(request),
            "connector_type": request.GET.get("type", ""),
        }
        return type("NewConnectorForm", (ConnectorForm,), more)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        form = self.get_form(request, obj)(instance=obj)
        settings = form.setting_names(advanced=False)
        shown = [
            ("Connector", {"fields": [("enabled", "mode")]}),
            (f"{connector_label(form.instance)} settings", {"fields": settings}),
        ]
        if advanced := form.setting_names(advanced=True):
            shown.append(("Advanced settings", {"fields": advanced, "classes": ["collapse"]}))
        return [
            *shown,
            ("Provisioning policies", {"fields": POLICIES}),
            ("Budget of requests", {"fields": BUDGET}),
            ("Deletion guard", {"fields": GUARD}),
            ("Maintenance", {"fields": MAINTENANCE}),
        ]

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> OutboundConnector:
        """Nothing is stored yet: `save_model` does, once everything is valid."""
        row: OutboundConnector = form.instance
        return row

    def save_model(
        self, request: HttpRequest, obj: OutboundConnector, form: Any, change: bool
    ) -> None:
        form.save()
        if change and "on_deny" in form.changed_data:
            actor = operator_of(request).username
            reconsidering.follow_rules([obj], "on_deny changed", actor=actor)
        wake.wake([obj.pk])

    def save_related(self, *args: Any) -> None:
        """A connector has no related rows on its page."""

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return HttpResponseRedirect(self._provider_page(obj.provider))

    response_post_save_change = response_post_save_add

    def _provider_page(self, provider: IdentityProvider) -> str:
        return reverse("admin:idp_identityprovider_change", args=[provider.pk])

    # test connection

    def get_urls(self) -> list[URLPattern]:
        test = self.admin_site.admin_view(require_POST(self.test))
        name = self.admin_site.admin_view(require_POST(self.name_there))
        return [
            path("add/name/", name, name="idp_outboundconnector_name_new"),
            path("<path:object_id>/name/", name, name="idp_outboundconnector_name"),
            path("add/test/", test, name="idp_outboundconnector_test_new"),
            path("<path:object_id>/test/", test, name="idp_outboundconnector_test"),
            *super().get_urls(),
        ]

    def test(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """Test what the form says now; stores nothing. Answers a fragment of a page."""
        obj = self.get_object(request, object_id) if object_id else None
        if object_id and obj is None:
            raise Http404("There is no such connector here.")
        self._may_test(request, obj)
        form = self.get_form(request, obj)(request.POST, request.FILES, instance=obj)
        problems = [] if form.is_valid() else _problems(form)
        findings = [] if problems else _check(form)
        shown = {"problems": problems, "findings": findings}
        return render(request, "console/findings.html", shown)

    # the name a person would get

    def name_there(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """By the patterns that stand in the form now. Answers a fragment of a page."""
        obj = self.get_object(request, object_id) if object_id else None
        if object_id and obj is None:
            raise Http404("There is no such connector here.")
        self._may_test(request, obj)
        form = self.get_form(request, obj)(request.POST, request.FILES, instance=obj)
        name = request.POST.get("person", "").strip()
        shown = sample_names.shown(form, current_tenant(request), name)
        return render(request, "console/sample_name.html", shown)

    def _may_test(self, request: HttpRequest, obj: OutboundConnector | None) -> None:
        may = self.has_change_permission if obj else self.has_add_permission
        if not may(request):
            raise Http404("There is no such connector here.")

    # what becomes of it

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One without rows and history may go; others are retired."""
        used = obj is not None and any(
            related.exists() for related in (obj.outbound_targets, obj.jobs, obj.provisioned)
        )
        return bool(super().has_delete_permission(request, obj)) and not used

    def get_panels(self, request: HttpRequest, obj: OutboundConnector) -> list[Panel]:
        row = queries.connector_row(obj)
        content = {"row": row, "health": row.health}
        return [Panel("console/panels/health.html", content, above=True)]

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Not in lists of pages: connectors are reached from their identity provider."""
        return {}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def pause(self, request: HttpRequest, obj: OutboundConnector) -> None:
        self._store(request, obj, "pause", mode=Mode.PAUSED)
        messages.success(request, "Paused: changes queue until it is resumed.")

    def resume(self, request: HttpRequest, obj: OutboundConnector) -> None:
        self._store(request, obj, "resume", mode=Mode.ACTIVE)
        messages.success(request, "Resumed: what is queued is being sent.")

    def retire(self, request: HttpRequest, obj: OutboundConnector) -> None:
        self._store(request, obj, "retire", retired_at=timezone.now())
        messages.success(request, f"{obj} is retired: nothing new is sent through it.")

    def restore(self, request: HttpRequest, obj: OutboundConnector) -> None:
        self._store(request, obj, "restore", retired_at=None)
        messages.success(request, f"{obj} is in service again.")

    def _store(
        self, request: HttpRequest, obj: OutboundConnector, action: str, **columns: Any
    ) -> None:
        for name, value in columns.items():
            setattr(obj, name, value)
        obj.save(update_fields=[*columns, "modified"])
        wake.wake([obj.pk])
        self.admin_site.note(request, obj, action, [])

    @display(
        description="State",
        label={
            "active": "success",
            "paused": "warning",
            "dry_run": "warning",
            "quarantined": "danger",
            "disabled": "danger",
        },
    )
    def shown_state(self, obj: OutboundConnector) -> str:
        return queries.state_of(obj)


def _problems(form: Form) -> list[str]:
    problems = []
    for name, texts in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        problems += [f"{label}: {text}" if label else str(text) for text in texts]
    return problems


def _check(form: ConnectorForm) -> list[Finding]:
    """The connector as the form says, opened and asked; errors become findings."""
    try:
        return targets.open_connector(form.unsaved()).check()
    except ConnectorError as error:
        return [Finding(ok=False, what=str(error))]
