"""Notifications: what is wrong now and what was, and which of it comes by e-mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanSwitchWidget

from idp.console.scope import current_tenant, operator_of
from provisioning import notifications, watching
from provisioning.admin.reading import ConnectorFilter, ReadingAdmin, word_filter
from provisioning.models import (
    Cause,
    Notification,
    NotificationPreference,
    NotificationRead,
    Severity,
)
from provisioning.templatetags.console import severity_tag, when

SeverityFilter = word_filter("severity", "severity", Severity.choices)
CauseFilter = word_filter("cause", "cause", Cause.choices)


class StateFilter(SimpleListFilter):
    """What is wrong now, unless one asks for more."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("unread", "Unread"), ("resolved", "Resolved")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "open":
            return queryset.filter(resolved=None)
        if self.value() == "resolved":
            return queryset.filter(resolved__isnull=False)
        if self.value() == "unread":
            tenant = current_tenant(request)
            unread = notifications.unread_by(operator_of(request), tenant)
            return queryset.filter(pk__in=unread.values("pk"))
        return queryset


class PreferenceForm(forms.Form):
    severities = forms.MultipleChoiceField(
        label="By e-mail",
        choices=Severity.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="One e-mail for each cause, when it begins.",
    )
    resolved = forms.BooleanField(
        label="Also when it is over", required=False, widget=UnfoldBooleanSwitchWidget()
    )


@admin.register(Notification)
class NotificationAdmin(ReadingAdmin):
    detail_template = "console/notification.html"
    change_list_template = "console/notifications.html"
    list_display = ["shown_title", "shown_severity", "count", "shown_state", "when"]
    list_filter = [StateFilter, SeverityFilter, CauseFilter, ConnectorFilter]
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        read = NotificationRead.objects.filter(
            notification=OuterRef("pk"), operator=operator_of(request)
        )
        rows: QuerySet[Notification] = super().get_queryset(request)
        return rows.annotate(is_read=Exists(read))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Who has opened it has read it."""
        obj = self.get_object(request, object_id or "")
        if obj is not None and request.method == "GET":
            rows = Notification.objects.filter(pk=obj.pk)
            notifications.mark_read(operator_of(request), rows)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def detail(self, obj: Notification) -> dict[str, Any]:
        told = obj.messages.select_related("operator")[:50]
        return {"notification": obj, "messages_sent": told}

    def get_urls(self) -> list[URLPattern]:
        name = "provisioning_notification"
        read = self.admin_site.admin_view(require_POST(self.read_all))
        view = self.admin_site.admin_view(self.preferences)
        return [
            path("read/", read, name=f"{name}_read"),
            path("preferences/", view, name=f"{name}_preferences"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """With a warning where nobody is left to look after anything: no alarm tells that."""
        shown = {"silent_since": watching.silent_since(), **(extra_context or {})}
        return super().changelist_view(request, shown)

    def read_all(self, request: HttpRequest) -> HttpResponse:
        operator = operator_of(request)
        unread = notifications.unread_by(operator, current_tenant(request))
        notifications.mark_read(operator, unread)
        return HttpResponseRedirect(_list_page())

    def preferences(self, request: HttpRequest) -> HttpResponse:
        """The operator's own: everybody decides what comes into their mailbox."""
        operator = operator_of(request)
        row = NotificationPreference.objects.filter(operator=operator).first()
        row = row or NotificationPreference(operator=operator)
        initial = {"severities": row.severities, "resolved": row.resolved}
        given = request.POST if request.method == "POST" else None
        form = PreferenceForm(given, initial=initial)
        if form.is_valid():
            row.severities = form.cleaned_data["severities"]
            row.resolved = form.cleaned_data["resolved"]
            row.save()
            self.admin_site.note(request, operator, "notifications", [])
            messages.success(request, "Your choice is stored.")
            return HttpResponseRedirect(_list_page())
        context = {
            **self.admin_site.each_context(request),
            "title": "Notifications by e-mail",
            "opts": self.opts,
            "form": form,
            "operator": operator,
            "sends_email": settings.PURVEYOR_SENDS_EMAIL,
            "back": _list_page(),
        }
        return TemplateResponse(request, "console/notification_preferences.html", context)

    @display(description="What")
    def shown_title(self, row: Notification) -> SafeString:
        unread = row.resolved is None and not row.is_read  # type: ignore[attr-defined]  # annotated
        mark = format_html('<span class="pv-dot pv-dot-unread" title="{}"></span>', "unread")
        return format_html(
            '<span class="pv-entity">{}<span class="{}">{}</span></span>',
            mark if unread else "",
            "pv-strong" if unread else "",
            row.title,
        )

    @display(description="Severity")
    def shown_severity(self, row: Notification) -> SafeString:
        return severity_tag(row.severity)

    @display(description="State")
    def shown_state(self, row: Notification) -> SafeString | str:
        if row.resolved is None:
            return "open"
        return format_html("over, {}", when(row.resolved))

    @display(description="Since")
    def when(self, row: Notification) -> SafeString:
        return when(row.opened)


def _list_page() -> str:
    return f"{reverse('admin:provisioning_notification_changelist')}?state=open"
