"""Jobs: what is on its way, what became of it, and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from idp.console.buttons import Button
from idp.console.scope import current_tenant, operator_of
from provisioning import details, operations, searching
from provisioning.admin.exporting import ExportedAdmin
from provisioning.admin.reading import ConnectorFilter, word_filter
from provisioning.models import Job, Operation, State
from provisioning.models.job import TYPES
from provisioning.templatetags.console import state_tag, when

StateFilter = word_filter("state", "state", State.choices)
OperationFilter = word_filter("operation", "operation", Operation.choices)
TypeFilter = word_filter("entity_type", "type", TYPES)


@admin.register(Job)
class JobAdmin(ExportedAdmin):
    exports = "jobs"
    detail_template = "console/job.html"
    list_display = [
        "shown_entity",
        "shown_operation",
        "shown_target",
        "shown_state",
        "shown_reason",
        "attempts",
        "when",
    ]
    list_filter = [StateFilter, ConnectorFilter, OperationFilter, TypeFilter]
    search_fields = ["entity_name"]
    search_help_text = "User, group or remote name; or an id"
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()
    actions = ["retry_selected", "release_selected", "reject_selected"]
    buttons = (
        Button(
            "retry",
            "Retry now",
            "retry",
            "replay",
            permission="work",
            shown=lambda job: job.state == State.FAILED,
        ),
        Button(
            "release",
            "Release",
            "release",
            "play_arrow",
            permission="work",
            shown=lambda job: job.state == State.HELD,
            confirm="It is sent after all. An account of that name found at the target is "
            "adopted.",
        ),
        Button(
            "reject",
            "Reject",
            "reject",
            "block",
            permission="work",
            danger=True,
            shown=lambda job: job.state == State.HELD,
            confirm="It is not sent. The account of a rejected delete stays at the target, and "
            "is left on purpose.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        # What is sealed stays out of lists: it is long, and nobody reads it there.
        jobs = super().get_queryset(request).prefetch_related("connector__provider")
        return jobs.defer("sealed_payload", "sealed_password")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if found := searching.as_uuid(term):
            return queryset.filter(Q(pk=found) | Q(entity_id=found)), False
        matches = searching.jobs_like(current_tenant(request), term)
        return queryset.filter(matches), False

    def detail(self, obj: Job) -> dict[str, Any]:
        return {"job": obj, "detail": details.job_detail(obj)}

    def retry(self, request: HttpRequest, obj: Job) -> None:
        self._retry(request, Job.objects.filter(pk=obj.pk))

    @action(description="Retry failed jobs", permissions=["work"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._retry(request, queryset)

    def _retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        retried = operations.retry(jobs, actor=operator_of(request).username)
        if retried:
            jobs_word = "job is" if retried == 1 else "jobs are"
            messages.success(request, f"{retried} {jobs_word} on the way again.")
        else:
            messages.warning(
                request, "Nothing to retry: not failed, or something newer was delivered."
            )

    def release(self, request: HttpRequest, obj: Job) -> None:
        self._release(request, Job.objects.filter(pk=obj.pk))

    @action(description="Release held jobs", permissions=["work"])
    def release_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._release(request, queryset)

    def _release(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        released = operations.release(jobs, actor=operator_of(request).username)
        messages.success(request, f"Released: {released}.")

    def reject(self, request: HttpRequest, obj: Job) -> None:
        self._reject(request, Job.objects.filter(pk=obj.pk))

    @action(description="Reject held jobs", permissions=["work"])
    def reject_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._reject(request, queryset)

    def _reject(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        rejected = operations.reject(jobs, actor=operator_of(request).username)
        messages.success(request, f"Rejected: {rejected}.")

    @display(description="Entity", ordering=None)
    def shown_entity(self, job: Job) -> SafeString:
        icon = "person" if job.entity_type == "user" else "group"
        return format_html(
            '<span class="pv-entity"><span class="material-symbols-outlined md-18">{}</span>'
            "{}</span>",
            icon,
            job.entity_name,
        )

    @display(description="Operation")
    def shown_operation(self, job: Job) -> str:
        return str(job.operation)

    @display(description="Connector")
    def shown_target(self, job: Job) -> str:
        return str(job.connector)

    @display(description="State")
    def shown_state(self, job: Job) -> SafeString:
        return state_tag(job.state)

    @display(description="Reason")
    def shown_reason(self, job: Job) -> SafeString:
        return format_html('<span class="pv-clamp" title="{0}">{0}</span>', job.reason or "-")

    @display(description="Queued")
    def when(self, job: Job) -> SafeString:
        return when(job.created)
