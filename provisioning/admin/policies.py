"""Policies: written or made by a form, tried on a person, rehearsed, published."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.decorators import display

from idp.console.base import Panel, TenantAdmin
from idp.console.buttons import Button
from idp.console.scope import current_tenant, operator_of
from idp.models import User, key_of
from provisioning import policies, rehearsing
from provisioning.admin.policy_forms import PolicyForm, TemplateForm
from provisioning.models import Policy
from provisioning.policies import compiled
from provisioning.rules import PolicyRefused
from provisioning.templatetags.console import state_tag
from serviceproviders.models import OutboundTarget


def _has_draft(row: Policy) -> bool:
    newest = row.versions.first()
    return newest is not None and newest.pk != row.published_id


@admin.register(Policy)
class PolicyAdmin(TenantAdmin):
    form = PolicyForm
    list_display = ["name", "order", "shown_state", "shown_version", "modified"]
    ordering = ["order", "name"]
    fields = ["name", "description", "order", "document"]
    change_list_template = "console/policies.html"
    buttons = (
        Button("rehearse", "What would change?", "rehearse", "groups", permission="view"),
        Button(
            "publish",
            "Publish the newest version",
            "publish",
            "publish",
            shown=_has_draft,
            confirm="The newest version decides from now on. Whom a rule holds back is planned "
            "again; where a connector withdraws on Deny, everybody who is there as well.",
        ),
        Button(
            "unpublish",
            "Unpublish",
            "unpublish",
            "unpublished",
            danger=True,
            shown=lambda row: row.published_id is not None,
            confirm="The policy decides nothing any more. Its versions stay.",
        ),
        Button("disable", "Disable", "disable", "pause", shown=lambda row: row.enabled),
        Button("enable", "Enable", "enable", "play_arrow", shown=lambda row: not row.enabled),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        return super().get_queryset(request).select_related("published", "tenant")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What decided once stays for the audit trail: it is unpublished."""
        return False

    def save_model(self, request: HttpRequest, obj: Policy, form: Form, change: bool) -> None:
        obj.save()
        document = form.cleaned_data["document"]
        policies.save_draft(obj, document, actor=operator_of(request).username)
        if change and "order" in form.changed_data:
            policies.set_order(obj, obj.order, actor=operator_of(request).username)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        asked: dict[str, Any] = super().get_changeform_initial_data(request)
        return {"document": request.session.pop("policy_document", ""), "order": 1, **asked}

    def get_panels(self, request: HttpRequest, obj: Policy) -> list[Panel]:
        return [
            Panel("console/panels/policy_try.html", self._tried(request, obj)),
            Panel("console/panels/policy_versions.html", list(obj.versions.all()[:50])),
        ]

    # trying it on a person

    def _tried(self, request: HttpRequest, obj: Policy) -> dict[str, Any]:
        name = request.GET.get("person", "").strip()
        found = {"policy": obj, "person": name, "verdicts": [], "problem": ""}
        if not name:
            return found
        tenant = current_tenant(request)
        users = User.objects.filter(tenant=tenant).select_related("store", "tenant")
        user = users.filter(username_key=key_of(name.rpartition("/")[2])).first()
        newest = obj.versions.first()
        if user is None or newest is None:
            return {**found, "problem": f"There is no user {name} here."}
        try:
            chosen = compiled.with_draft(tenant, obj, newest.document)
        except PolicyRefused as error:
            return {**found, "problem": str(error)}
        rows = OutboundTarget.objects.filter(service_provider__tenant=tenant, enable_rules=True)
        rows = rows.select_related("service_provider", "connector__provider__tenant")
        return {
            **found,
            "person": user.full_name,
            "verdicts": [(row, rehearsing.try_person(user, row, chosen)) for row in rows[:50]],
            "no_rows": not rows,
        }

    # pages of its own

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.template)
        name = "provisioning_policy_template"
        restore = self.admin_site.admin_view(require_POST(self.restore))
        where = "<path:object_id>/restore/<int:number>/"
        return [
            path("template/", view, name=name),
            path(where, restore, name="provisioning_policy_restore"),
            *super().get_urls(),
        ]

    def restore(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """An old version as the newest draft."""
        obj = self.get_object(request, object_id)
        if obj is None or not obj.versions.filter(number=number).exists():
            raise Http404("There is no such version here.")
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        try:
            draft = policies.restore(obj, number, actor=operator_of(request).username)
        except policies.InvalidPolicy as error:
            messages.error(request, f"Not taken: {error}")
        else:
            messages.success(
                request, f"Version {draft.number} is the draft of version {number}."
            )
        return HttpResponseRedirect(self.page_of(obj))

    def template(self, request: HttpRequest) -> HttpResponse:
        """A form that writes the XACML; the operator looks at it before it is saved."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TemplateForm(request.POST or None, tenant=current_tenant(request))
        if form.is_valid():
            request.session["policy_document"] = form.document()
            query = f"?name={form.cleaned_data['name']}"
            return HttpResponseRedirect(reverse("admin:provisioning_policy_add") + query)
        context = {
            **self.admin_site.each_context(request),
            "title": "Make a policy",
            "opts": self.opts,
            "form": form,
            "back": reverse("admin:provisioning_policy_changelist"),
        }
        return TemplateResponse(request, "console/policy_template.html", context)

    def rehearse(self, request: HttpRequest, obj: Policy) -> HttpResponse | None:
        newest = obj.versions.first()
        if newest is None:
            return None
        chosen = compiled.with_draft(obj.tenant, obj, newest.document)
        context = {
            **self.admin_site.each_context(request),
            "title": f"What would {obj} change?",
            "opts": self.opts,
            "original": obj,
            "version": newest,
            "rehearsal": rehearsing.rehearse(obj.tenant, chosen),
            "back": self.page_of(obj),
        }
        return TemplateResponse(request, "console/policy_rehearsal.html", context)

    # buttons

    def publish(self, request: HttpRequest, obj: Policy) -> None:
        newest = obj.versions.first()
        if newest is None:
            return
        try:
            policies.publish(obj, newest, actor=operator_of(request).username)
        except policies.InvalidPolicy as error:
            messages.error(request, f"Not published: {error}")
        else:
            messages.success(request, f"Version {newest.number} decides from now on.")

    def unpublish(self, request: HttpRequest, obj: Policy) -> None:
        self._try(
            request, partial(policies.unpublish, obj, actor=operator_of(request).username)
        )

    def enable(self, request: HttpRequest, obj: Policy) -> None:
        actor = operator_of(request).username
        self._try(request, partial(policies.enable, obj, True, actor=actor))

    def disable(self, request: HttpRequest, obj: Policy) -> None:
        policies.enable(obj, False, actor=operator_of(request).username)

    def _try(self, request: HttpRequest, act: Callable[[], None]) -> None:
        try:
            act()
        except policies.InvalidPolicy as error:
            messages.error(request, f"Nothing was changed: {error}")

    @display(description="State")
    def shown_state(self, obj: Policy) -> SafeString:
        if obj.published_id is None:
            return state_tag("none", "draft")
        return state_tag("done", "decides") if obj.enabled else state_tag("held", "disabled")

    @display(description="Published version")
    def shown_version(self, obj: Policy) -> str:
        return str(obj.published.number) if obj.published is not None else "-"
