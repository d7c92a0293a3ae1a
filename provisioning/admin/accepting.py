"""The base of pages that cause provisioning: what they save goes through `intake.accept`.

Django's own change view opens a transaction around everything; `accept` must be called
outside of one, so these pages have a view of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.forms import AdminForm, Fieldline

from connectors import EntityType
from idp.console.base import TenantAdmin
from idp.console.scope import current_tenant, operator_of
from idp.models import Group, User
from provisioning import intake
from provisioning.changes import (
    Accepted,
    Action,
    Change,
    Door,
    Refused,
    Result,
    TargetOutcome,
    TargetRefused,
    VersionMoved,
)
from serviceproviders.tenants import resident_of

MOVED = "Somebody else changed it since you opened it. Load the page again, then repeat."


class AcceptingForm(forms.Form):
    """`row` is None for a new one. Subclasses say what their answers mean as a change."""

    FIELDS: Mapping[str, str] = {}
    """Form field by the SCIM attribute that a refusal names."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, request: HttpRequest, row: Any = None, **kwargs: Any):
        self.tenant = current_tenant(request)
        self.row = row
        self.instance = row
        super().__init__(*args, **kwargs)
        if row is not None:
            self.initial.setdefault("version", row.version)

    def data_of_change(self) -> dict[str, Any]:
        """`user=` or `group=` for the `Change`."""
        raise LookupError(f"{type(self).__name__} says nothing about a change")

    def refuse(self, refused: Refused) -> None:
        field = self.FIELDS.get(refused.field)
        text = str(refused).partition(": ")[2] if field else str(refused)
        if isinstance(refused, VersionMoved):
            field, text = None, MOVED
        words = text or str(refused)
        self.add_error(field, words[:1].upper() + words[1:])


class AcceptingAdmin(TenantAdmin):
    entity_type: EntityType
    form_class: type[AcceptingForm]
    actions: tuple[str, ...] = ()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        row = self._row(request, object_id)
        may = self._may_save(request, row)
        if not may and (row is None or request.method == "POST"):
            raise PermissionDenied
        form = self.form_class(request.POST or None, request=request, row=row)
        if request.method == "POST" and form.is_valid():
            try:
                accepted = self._accept(request, form, row)
            except Refused as refused:
                form.refuse(refused)
            else:
                self.tell(request, accepted)
                return self._after_save(request, accepted)
        return self._page(request, form, row)

    def _may_save(self, request: HttpRequest, row: Any) -> bool:
        if row is None:
            return bool(self.has_add_permission(request))
        return bool(self.has_change_permission(request, row))

    def _row(self, request: HttpRequest, object_id: str | None) -> Any:
        if object_id is None:
            return None
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404(f"There is no such {self.opts.verbose_name} here.")
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def _accept(self, request: HttpRequest, form: AcceptingForm, row: Any) -> Accepted:
        return self.accept(
            request,
            Action.UPDATE if row else Action.CREATE,
            row,
            expected_version=form.cleaned_data.get("version") if row else None,
            **form.data_of_change(),
        )

    def accept(self, request: HttpRequest, action: Action, row: Any, **more: Any) -> Accepted:
        """What the operator did, as a change through the door *console*."""
        tenant = current_tenant(request)
        return intake.accept(
            Change(
                tenant=tenant,
                service_provider=resident_of(tenant),
                door=Door.CONSOLE,
                actor=operator_of(request).username,
                action=action,
                entity_type=more.pop("entity_type", self.entity_type),
                entity_id=row.pk if row else None,
                **more,
            )
        )

    def tell(self, request: HttpRequest, accepted: Accepted, done: str = "saved") -> None:
        """Say what became of it, target by target."""
        entity = accepted.entity
        name = entity.full_name if entity else "It"
        if not accepted.changed:
            messages.info(request, f"{name} was like that already: nothing was sent.")
            return
        if entity is not None and entity._state.adding:
            done = "sent onward and is not stored (dumb mode)"
        told = "; ".join(outcome_words(outcome) for outcome in accepted.outcomes)
        bad = any(o.result is Result.FAILED for o in accepted.outcomes)
        level = messages.WARNING if bad else messages.SUCCESS
        text = told or "no outbound row of the resident service provider leads anywhere"
        messages.add_message(request, level, f"{name} was {done}. Targets: {text}.")

    def _after_save(self, request: HttpRequest, accepted: Accepted) -> HttpResponse:
        if "_addanother" in request.POST:
            return HttpResponseRedirect(self._url("add"))
        if accepted.entity is not None and accepted.entity._state.adding:
            page = reverse("admin:provisioning_passingentity_change", args=[accepted.entity_id])
            return HttpResponseRedirect(page)
        if "_continue" in request.POST or accepted.entity is None:
            return HttpResponseRedirect(self._url("change", accepted.entity_id))
        return HttpResponseRedirect(self._url("changelist"))

    def _url(self, name: str, *args: Any) -> str:
        route = f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}"
        return reverse(route, args=args)

    # pages

    def fieldsets_of(self, form: Any) -> Any:
        """As `fieldsets` of an admin, by form field."""
        raise LookupError(f"{type(self).__name__} has no fieldsets")

    def _page(self, request: HttpRequest, form: AcceptingForm, row: Any) -> HttpResponse:
        # The theme's pages need its own form classes; it sets them the same way.
        helpers.AdminForm, helpers.Fieldline = AdminForm, Fieldline  # type: ignore[misc]
        may_change = self._may_save(request, row)
        if not may_change:
            for field in form.fields.values():
                field.disabled = True
        admin_form = AdminForm(form, self.fieldsets_of(form), {}, (), model_admin=self)
        verb = "Add" if row is None else ("Change" if may_change else "View")
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verb} {self.opts.verbose_name}",
            "subtitle": str(row) if row else None,
            "adminform": admin_form,
            "object_id": str(row.pk) if row else None,
            "original": row,
            "is_popup": False,
            "media": self.media + form.media,
            "inline_admin_formsets": [],
            "errors": form.errors,
            "show_save": may_change,
            "show_save_and_continue": may_change,
            "preserved_filters": self.get_preserved_filters(request),
        }
        answer: HttpResponse = self.render_change_form(
            request, context, add=row is None, change=row is not None, obj=row
        )
        return answer

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        row = self._row(request, object_id)
        if not self.has_delete_permission(request, row):
            raise PermissionDenied
        if request.method != "POST":
            return self._ask_delete(request, row)
        name = row.full_name
        try:
            accepted = self.accept(request, Action.DELETE, row)
        except Refused as refused:
            say_refused(request, refused)
            return HttpResponseRedirect(self._url("change", row.pk))
        told = "; ".join(outcome_words(outcome) for outcome in accepted.outcomes)
        messages.success(request, f"{name} was deleted. Targets: {told or 'none'}.")
        return HttpResponseRedirect(self._url("changelist"))

    def _ask_delete(self, request: HttpRequest, row: User | Group) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Delete {self.opts.verbose_name}",
            "opts": self.opts,
            "original": row,
            "sentence": "It is deleted here, and at every target where it is, as each "
            "connector's policy says. This cannot be taken back.",
            "label": "Delete",
            "danger": True,
            "back": self._url("change", row.pk),
        }
        return TemplateResponse(request, "console/confirm.html", context)


def say_refused(request: HttpRequest, refused: Refused) -> None:
    text = MOVED if isinstance(refused, VersionMoved) else str(refused)
    messages.error(request, text[:1].upper() + text[1:])
    if isinstance(refused, TargetRefused):
        told = "; ".join(outcome_words(outcome) for outcome in refused.outcomes)
        messages.error(request, f"Undone here. Targets: {told}.")


def outcome_words(outcome: TargetOutcome) -> str:
    """`partner/scim2 queued`, `hr/google skipped (not a holder of a role)`."""
    words = f"{outcome.identity_provider}/{outcome.connector} {outcome.result}"
    telling = outcome.result in (Result.SKIPPED, Result.FAILED, Result.HELD)
    return f"{words} ({outcome.reason})" if telling and outcome.reason else words
