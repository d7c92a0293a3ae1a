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
from provisioning.admin.exporting import ExportedAdmin
from provisioning.admin.reading import word_filter
from provisioning.changes import Door
from provisioning.models import AuditChain, AuditEvent


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


TypeFilter = word_filter(
    "subject_type",
    "subject",
    [
        (word, word)
        for word in (
            "user",
            "group",
            "job",
            "identityprovider",
            "outboundconnector",
            "serviceprovider",
            "userstore",
            "operator",
        )
    ],
)
DoorFilter = word_filter("door", "door", [(door.value, door.value) for door in Door])


@admin.register(AuditEvent)
class AuditEventAdmin(ExportedAdmin):
    exports = "audit"
    list_before_template = "console/audit_chain.html"
    detail_template = "console/audit_event.html"
    list_display = ["at", "actor", "action", "shown_subject", "door", "service_provider"]
    list_filter = [SubjectFilter, TypeFilter, DoorFilter]
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
        if found := searching.as_uuid(term):
            return queryset.filter(Q(subject_id=str(found)) | Q(pk=found)), False
        matches = searching.events_like(current_tenant(request), term)
        return queryset.filter(matches), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        chain = AuditChain.objects.filter(tenant=current_tenant(request), head__gt=0).first()
        return super().changelist_view(request, {"chain": chain, **(extra_context or {})})

    def detail(self, obj: AuditEvent) -> dict[str, Any]:
        return {"event": obj}

    @display(description="Subject")
    def shown_subject(self, event: AuditEvent) -> str:
        return f"{event.subject_type} {event.subject_name or event.subject_id}"
