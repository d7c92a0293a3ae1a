"""Jobs: what is on its way, what became of it, and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from idp.console.buttons import Button
from idp.console.scope import current_tenant, operator_of
from provisioning import conflicts, hand_links, operations, searching, stories
from provisioning.admin import dead_letters, job_pages
from provisioning.admin.exporting import ExportedAdmin
from provisioning.admin.reading import ConnectorFilter, word_filter
from provisioning.models import CONFLICTS, GUARD, REHEARSED, REMOVES, Job, Operation, State
from provisioning.models.job import TYPES
from provisioning.templatetags.console import state_tag, when

StateFilter = word_filter("state", "state", State.choices)
OperationFilter = word_filter("operation", "operation", Operation.choices)
TypeFilter = word_filter("entity_type", "type", TYPES)


class CauseFilter(SimpleListFilter):
    """Why jobs are held: too many removals, or an account that is there."""

    title = "held"
    parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("guard", "By the deletion guard"), ("conflict", "For an account there")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        codes = {"guard": [GUARD], "conflict": CONFLICTS}.get(self.value() or "")
        if codes is None:
            return queryset
        return queryset.filter(state=State.HELD, reason_code__in=codes)


class SignatureFilter(SimpleListFilter):
    """Those that failed alike; what a group of dead letters leads to."""

    title = "signature"
    parameter_name = "signature"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get("signature")
        return [(chosen, chosen)] if chosen else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        chosen = self.value()
        return queryset.filter(signature=chosen, is_failed=True) if chosen else queryset


def _undecided(job: Job) -> bool:
    """Whether it waits for a decision, and not only for the end of a dry run."""
    return job.state == State.HELD and job.reason_code != REHEARSED


def _adopts(job: Job) -> bool | None:
    """Of a job held for an account: whether letting it go on takes that over."""
    conflict = conflicts.of(job)
    return conflict.adopts if conflict else None


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
    list_filter = [
        StateFilter,
        ConnectorFilter,
        OperationFilter,
        TypeFilter,
        CauseFilter,
        SignatureFilter,
    ]
    search_fields = ["entity_name"]
    search_help_text = "User, group or remote name; or an id"
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()
    actions = ["retry_selected", "skip_selected", "release_selected", "reject_selected"]
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
            "edit",
            "Edit and retry",
            "edit",
            "edit_note",
            permission="edit",
            shown=lambda job: job.state == State.FAILED and job.operation not in REMOVES,
        ),
        Button(
            "link",
            "Link by hand",
            "link",
            "add_link",
            permission="work",
            shown=hand_links.may_link,
        ),
        Button(
            "adopt",
            "Adopt",
            "release",
            "person_check",
            permission="work",
            shown=lambda job: _adopts(job) is True,
            confirm="The account found at the target is taken over: it gets the attributes "
            "wanted here, and is changed and removed from here from now on. Its password "
            "stays.",
        ),
        Button(
            "again",
            "Try again",
            "release",
            "play_arrow",
            permission="work",
            shown=lambda job: _adopts(job) is False,
            confirm="It is planned anew and sent, if nothing stands in its way any more. A "
            "removal then removes the account of that name.",
        ),
        Button(
            "release",
            "Release",
            "release",
            "play_arrow",
            permission="work",
            shown=lambda job: _undecided(job) and _adopts(job) is None,
            confirm="It is sent after all.",
        ),
        Button(
            "reject",
            "Reject",
            "reject",
            "block",
            permission="work",
            danger=True,
            shown=lambda job: _undecided(job),
            confirm="It is not sent. The account of a rejected delete stays at the target, and "
            "is left on purpose.",
        ),
        Button(
            "skip",
            "Skip",
            "skip",
            "skip_next",
            permission="work",
            danger=True,
            shown=lambda job: job.state == State.FAILED,
            confirm="Nobody wants it any more: it is cancelled. The next change here sends "
            "everything again. The account of a skipped delete stays at the target.",
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
        return {"story": stories.of(obj), "job": obj}

    def get_ordering(self, request: HttpRequest) -> list[str]:
        # In the order of the index that has those of a signature together.
        return ["-position"] if request.GET.get("signature") else ["-id"]

    def get_urls(self) -> list[URLPattern]:
        return [*job_pages.urls(self), *dead_letters.urls(self), *super().get_urls()]

    def has_edit_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Sending other values than the mapping gives is for administrators."""
        return bool(request.user.has_perm("provisioning.edit_delivery"))

    def edit(self, request: HttpRequest, obj: Job) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:edit_job", args=[obj.pk]))

    def link(self, request: HttpRequest, obj: Job) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:link_job", args=[obj.pk]))

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

    def skip(self, request: HttpRequest, obj: Job) -> None:
        self._skip(request, Job.objects.filter(pk=obj.pk))

    @action(description="Skip failed jobs", permissions=["work"])
    def skip_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._skip(request, queryset)

    def _skip(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        skipped = operations.skip(jobs, actor=operator_of(request).username)
        messages.success(request, f"Skipped: {skipped}.")

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
