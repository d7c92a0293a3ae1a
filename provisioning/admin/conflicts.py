"""Conflicts: who waits because of an account at the target, and what can be done."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from idp.console.scope import current_tenant, operator_of
from provisioning import conflicts, operations, searching
from provisioning.admin.reading import ConnectorFilter, ReadingAdmin, word_filter
from provisioning.models import CONFLICTS, Conflict, Job, State
from provisioning.models.job import TYPES
from provisioning.templatetags.console import when

WHY = [(code, known.title) for code, known in conflicts.BY_CODE.items()]
WhyFilter = word_filter("reason_code", "why", WHY)
TypeFilter = word_filter("entity_type", "type", TYPES)


@admin.register(Conflict)
class ConflictAdmin(ReadingAdmin):
    list_display = [
        "shown_entity",
        "shown_target",
        "shown_account",
        "shown_why",
        "shown_advice",
        "when",
    ]
    list_display_links = None
    list_filter = [WhyFilter, ConnectorFilter, TypeFilter]
    search_fields = ["entity_name"]
    search_help_text = "User, group or remote name; or an id"
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()
    actions = ["adopt_selected", "again_selected", "reject_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        rows = super().get_queryset(request).prefetch_related("connector__provider")
        held = rows.filter(state=State.HELD, reason_code__in=CONFLICTS)
        return held.defer("sealed_payload", "sealed_password")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(searching.jobs_like(current_tenant(request), term)), False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The page of a conflict is its job's."""
        page = reverse("admin:provisioning_job_change", args=[object_id])
        return HttpResponseRedirect(page)

    @action(description="Adopt the accounts that were found", permissions=["work"])
    def adopt_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        adopting = [code for code, known in conflicts.BY_CODE.items() if known.adopts]
        chosen = Job.objects.filter(pk__in=queryset.values("pk"), reason_code__in=adopting)
        self._release(request, chosen, "On the way, to take the account over")

    @action(description="Try again", permissions=["work"])
    def again_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        adopting = [code for code, known in conflicts.BY_CODE.items() if known.adopts]
        chosen = Job.objects.filter(pk__in=queryset.values("pk"))
        self._release(request, chosen.exclude(reason_code__in=adopting), "On the way again")

    def _release(self, request: HttpRequest, jobs: QuerySet[Job], words: str) -> None:
        released = operations.release(jobs, actor=operator_of(request).username)
        messages.success(request, f"{words}: {released}.")

    @action(description="Reject", permissions=["work"])
    def reject_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        chosen = Job.objects.filter(pk__in=queryset.values("pk"))
        rejected = operations.reject(chosen, actor=operator_of(request).username)
        messages.success(request, f"Rejected: {rejected}.")

    @display(description="Who")
    def shown_entity(self, job: Job) -> SafeString:
        page = reverse("admin:provisioning_job_change", args=[job.pk])
        icon = "person" if job.entity_type == "user" else "group"
        return format_html(
            '<a class="pv-entity pv-link" href="{}"><span class="material-symbols-outlined '
            'md-18">{}</span>{}</a> <span class="pv-subtle">{}</span>',
            page,
            icon,
            job.entity_name,
            job.operation,
        )

    @display(description="Connector")
    def shown_target(self, job: Job) -> str:
        return str(job.connector)

    @display(description="Account there")
    def shown_account(self, job: Job) -> SafeString:
        if not job.found_id:
            return format_html("{}", job.remote_name)
        return format_html(
            '{} <code class="pv-subtle">{}</code>',
            job.found_name or job.remote_name,
            job.found_id,
        )

    @display(description="Why")
    def shown_why(self, job: Job) -> SafeString:
        known = conflicts.BY_CODE[job.reason_code]
        return format_html(
            '<strong>{}</strong><span class="pv-clamp pv-subtle">{}</span>',
            known.title,
            job.reason,
        )

    @display(description="What can be done")
    def shown_advice(self, job: Job) -> SafeString:
        known = conflicts.BY_CODE[job.reason_code]
        return format_html('<span class="pv-wrap">{}</span>', known.advice)

    @display(description="Held")
    def when(self, job: Job) -> SafeString:
        return when(job.updated)
