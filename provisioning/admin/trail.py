"""The audit trail: who did or decided what, and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from idp.console.scope import current_tenant
from provisioning import searching
from provisioning.admin.reading import ReadingAdmin, as_uuid
from provisioning.models import AuditEvent


class SubjectFilter(SimpleListFilter):
    """Everything about one object; what "History" on its page leads to."""

    title = "object"
    parameter_name = "subject_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get("subject_id")
        return [(chosen, "the one asked for")] if chosen else []

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        return queryset.filter(subject_id=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadingAdmin):
    change_form_template = "console/audit_event.html"
    list_display = ["at", "actor", "action", "shown_subject", "door", "service_provider"]
    list_filter = [SubjectFilter]
    search_fields = ["subject_name"]
    search_help_text = "User or group name; or an id"
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if found := as_uuid(term):
            return queryset.filter(Q(subject_id=str(found)) | Q(pk=found)), False
        matches = searching.events_like(current_tenant(request), term)
        return queryset.filter(matches), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        if event := kwargs.get("obj"):
            context |= {"event": event, "title": str(event)}
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description="Subject")
    def shown_subject(self, event: AuditEvent) -> str:
        return f"{event.subject_type} {event.subject_name or event.subject_id}"
