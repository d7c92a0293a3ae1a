"""Dead letters: failed jobs by what they have in common, and what to do about all of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from idp.console.scope import current_tenant, operator_of
from idp.models import OutboundConnector, Tenant
from provisioning import letters, replays
from provisioning.models import Replay, ReplayAction
from provisioning.searching import as_uuid

SHOWN = 100
"""Groups on the page; more than that is another problem than these."""
RECENT = 5
ACTIONS = (
    (ReplayAction.RETRY.value, "Retry", "replay"),
    (ReplayAction.SKIP.value, "Skip", "skip_next"),
)
AGAIN_SECONDS = 3
"""The page loads itself again while something is under way."""


def urls(model_admin: Any) -> list[URLPattern]:
    site = model_admin.admin_site

    def view(request: HttpRequest) -> HttpResponse:
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        return letters_page(site, request, may_work=model_admin.has_work_permission(request))

    @require_POST
    def act(request: HttpRequest) -> HttpResponse:
        if not model_admin.has_work_permission(request):
            raise PermissionDenied
        return _act(site, request)

    return [
        path("letters/", site.admin_view(view), name="dead_letters"),
        path("letters/act/", site.admin_view(act), name="dead_letters_act"),
    ]


def letters_page(site: Any, request: HttpRequest, *, may_work: bool) -> HttpResponse:
    tenant = current_tenant(request)
    chosen = _connector(tenant, request.GET.get("connector", ""))
    signature = request.GET.get("signature")
    at = [chosen.pk] if chosen else None
    found = letters.groups(tenant, connectors=at, signature=signature)
    asked = list(_replays(tenant)[:RECENT])
    running = {(one.connector_id, one.signature) for one in asked if one.finished is None}
    context = {
        **site.each_context(request),
        "title": "Dead letters",
        "groups": found[:SHOWN],
        "more": max(0, len(found) - SHOWN),
        "total": sum(group.count for group in found),
        "chosen": chosen,
        "signature": signature,
        "replays": asked,
        "running": running,
        "may_work": may_work,
        "actions": ACTIONS,
    }
    answer = TemplateResponse(request, "console/dead_letters.html", context)
    if running:
        answer["Refresh"] = str(AGAIN_SECONDS)
    return answer


def _replays(tenant: Tenant) -> QuerySet[Replay]:
    return Replay.objects.filter(tenant=tenant).select_related("connector__provider")


def _act(site: Any, request: HttpRequest) -> HttpResponse:
    asked = request.POST
    connector = _connector(current_tenant(request), asked.get("connector", ""))
    signature, act = asked.get("signature", ""), asked.get("action", "")
    if connector is None or act not in ReplayAction.values:
        raise Http404("There is no such group of dead letters here.")
    action = ReplayAction(act)
    if "confirmed" not in asked:
        return _ask(site, request, connector, signature, action)
    begun = replays.begin(
        connector,
        signature,
        action,
        actor=operator_of(request).username,
        reason=asked.get("reason", "").strip(),
    )
    _tell(request, begun, action)
    return HttpResponseRedirect(reverse("admin:dead_letters"))


def _ask(
    site: Any,
    request: HttpRequest,
    connector: OutboundConnector,
    signature: str,
    action: ReplayAction,
) -> HttpResponse:
    tenant = current_tenant(request)
    found = letters.groups(tenant, connectors=[connector.pk], signature=signature)
    if not found:
        messages.info(request, "Nothing has failed like that any more.")
        return HttpResponseRedirect(reverse("admin:dead_letters"))
    group = found[0]
    context = {
        **site.each_context(request),
        "title": f"{action.label} all {group.count}",
        "group": group,
        "action": action,
        "skips": action == ReplayAction.SKIP,
        "back": reverse("admin:dead_letters"),
    }
    return TemplateResponse(request, "console/dead_letters_confirm.html", context)


def _tell(request: HttpRequest, begun: Replay | None, action: ReplayAction) -> None:
    if begun is None:
        messages.info(request, "Nothing has failed like that any more.")
    elif begun.action != action:
        messages.warning(request, f"They are being dealt with already: {begun.action}.")
    elif begun.finished is None:
        messages.info(request, f"Under way: {begun.seen} of {begun.total} so far.")
    else:
        words = "queued again" if action == ReplayAction.RETRY else "skipped"
        left = (
            f" {begun.left} left alone: something newer of theirs is done or on its way."
            if begun.left
            else ""
        )
        messages.success(request, f"{begun.done} {words}.{left}")


def _connector(tenant: Tenant, text: str) -> OutboundConnector | None:
    pk = as_uuid(text)
    rows = OutboundConnector.objects.select_related("provider__tenant")
    return rows.filter(provider__tenant=tenant, pk=pk).first() if pk else None
