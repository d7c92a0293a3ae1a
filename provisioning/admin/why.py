"""“Why is somebody there, or not?”: the page of `explain`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold import widgets

from idp.console.scope import current_tenant
from idp.models import OutboundConnector, Tenant
from provisioning.explain import Explanation, asking
from serviceproviders.models import ServiceProvider

KINDS = [("user", "person"), ("group", "group")]


class Question(forms.Form):
    """What the page is asked, in its address. Without a name nothing is answered yet."""

    kind = forms.ChoiceField(
        label="About a", choices=KINDS, required=False, widget=widgets.UnfoldAdminSelectWidget()
    )
    name = forms.CharField(
        max_length=512,
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"placeholder": "kim, STAFF/kim"}),
    )
    service_provider = forms.ChoiceField(
        label="Sent by", required=False, widget=widgets.UnfoldAdminSelectWidget()
    )
    connector = forms.ChoiceField(
        label="Target", required=False, widget=widgets.UnfoldAdminSelectWidget()
    )
    at = forms.DateField(
        label="As decided until",
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text="Empty: as it is now.",
    )

    def __init__(self, data: Any, tenant: Tenant) -> None:
        super().__init__(data)
        self.tenant = tenant
        rows = ServiceProvider.objects.filter(tenant=tenant, retired_at=None)
        senders = [(str(row), str(row)) for row in rows]
        self._choices("service_provider", [("", "resident"), *senders])
        self.connectors = {
            str(row.pk): row
            for row in OutboundConnector.objects.filter(provider__tenant=tenant)
            .select_related("provider__tenant")
            .order_by("provider__name", "type")
        }
        known = [(pk, str(row)) for pk, row in self.connectors.items()]
        self._choices("connector", [("", "all reached"), *known])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field

    def answer(self) -> Explanation | None:
        """None without a name, or when there is nobody of it; the form says so then."""
        asked = self.cleaned_data
        if not asked["name"]:
            return None
        try:
            return self._answer(asked)
        except asking.NotKnown as error:
            self.add_error("name", str(error))
            return None

    def _answer(self, asked: dict[str, Any]) -> Explanation:
        chosen, day = self.connectors.get(asked["connector"]), asked["at"]
        zone = timezone.get_current_timezone()
        return asking.answer(
            self.tenant,
            asked["kind"] or "user",
            asked["name"].strip(),
            service_provider=asked["service_provider"],
            connectors=[chosen] if chosen else None,
            at=asking.moment(day.isoformat(), zone) if day else None,
        )


def why_page(site: Any, request: HttpRequest) -> HttpResponse:
    """Whoever may see people may ask; nothing is sent or stored."""
    if not request.user.has_perm("idp.view_user"):
        raise PermissionDenied
    form = Question(request.GET, current_tenant(request))
    told = form.answer() if form.is_valid() else None
    context = {
        **site.each_context(request),
        "title": f"Why? {told.name}" if told else "Why is somebody there, or not?",
        "form": form,
        "told": told,
        "others": _not_reached(form, told) if told and not told.at else [],
    }
    return TemplateResponse(request, "console/why.html", context)


def _not_reached(form: Question, told: Explanation) -> list[tuple[OutboundConnector, str]]:
    """The targets nothing would go to, each with the address that asks about it."""
    if form.cleaned_data["connector"]:
        return []
    reached = {target.connector_id for target in told.targets}
    return [
        (
            row,
            address(told.type, told.name, connector=pk, service_provider=told.service_provider),
        )
        for pk, row in form.connectors.items()
        if row.pk not in reached and row.retired_at is None
    ]


def address(kind: str, name: str, **more: str) -> str:
    """The page that answers this."""
    asked = {"kind": kind, "name": name, **more}
    chosen = {key: value for key, value in asked.items() if value}
    return f"{reverse('admin:why')}?{urlencode(chosen)}"
