"""Pages of one job with a form: sending it with other values, and linking by hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold import widgets

from idp.console.scope import operator_of
from provisioning import editing, edits, hand_links
from provisioning.editing import CannotEdit, Draft
from provisioning.edits import Edit
from provisioning.hand_links import CannotLink
from provisioning.models import Job

ADDED = 3
"""Attributes that the mapping gives no value, and that may be added at a time."""

View = Callable[[Any, HttpRequest, Job], HttpResponse]


def urls(model_admin: Any) -> list[URLPattern]:
    site = model_admin.admin_site

    def page(view: View, may: str) -> Any:
        def inner(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
            job = model_admin.get_object(request, str(job_id))
            if job is None:
                raise Http404("There is no such job here.")
            if not getattr(model_admin, f"has_{may}_permission")(request, job):
                raise PermissionDenied
            return view(site, request, job)

        return site.admin_view(inner)

    return [
        path("<uuid:job_id>/edit/", page(_edit, "edit"), name="edit_job"),
        path("<uuid:job_id>/link/", page(_link, "work"), name="link_job"),
    ]


class EditForm(forms.Form):
    """A field for each value, named by its path, and some for new ones."""

    def __init__(self, draft: Draft, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draft = draft
        for path_, value in draft.values.items():
            self.fields[path_] = forms.CharField(
                label=path_,
                required=False,
                strip=False,
                initial=edits.text_of(value),
                widget=_widget(value),
            )
        for number in range(ADDED):
            for part in ("path", "value"):
                widget = widgets.UnfoldAdminTextInputWidget(
                    attrs={"placeholder": "attribute" if part == "path" else "value"}
                )
                self.fields[f"new-{number}-{part}"] = forms.CharField(
                    required=False, widget=widget
                )

    def known(self) -> list[Any]:
        return [self[name] for name in self.draft.values]

    def added(self) -> list[tuple[Any, Any]]:
        return [(self[f"new-{n}-path"], self[f"new-{n}-value"]) for n in range(ADDED)]

    def changed(self) -> tuple[Edit, ...]:
        """Adds an error, and answers with nothing, when a value cannot be."""
        given = {name: self.cleaned_data[name] for name in self.draft.values}
        for number in range(ADDED):
            if name := self.cleaned_data[f"new-{number}-path"].strip():
                given[name] = self.cleaned_data[f"new-{number}-value"]
        try:
            return edits.of_form(self.draft.payload, given, self.draft.dialect)
        except ValueError as error:
            named = str(error).partition(":")[0]
            self.add_error(named if named in self.fields else None, str(error))
            return ()


def _widget(value: Any) -> Any:
    if isinstance(value, list) or len(edits.text_of(value)) > 80:
        return widgets.UnfoldAdminTextareaWidget(attrs={"rows": 3})
    return widgets.UnfoldAdminTextInputWidget()


def _edit(site: Any, request: HttpRequest, job: Job) -> HttpResponse:
    """The form, then what differs to be confirmed, then the job is on its way."""
    try:
        form = EditForm(editing.draft(job), request.POST or None)
        changed = form.changed() if form.is_bound and form.is_valid() else ()
        if changed and "confirmed" in request.POST:
            editing.edit_and_retry(job, changed, actor=operator_of(request).username)
            messages.success(request, "It is on the way again, with what you changed.")
            return _back(job)
    except CannotEdit as error:
        messages.warning(request, str(error))
        return _back(job)
    if form.is_bound and not changed and not form.errors:
        messages.warning(request, "Nothing was changed.")
    context = {
        **_context(site, request, job, "Edit and retry"),
        "form": form,
        "changed": changed,
        "given": form.data.items() if changed else (),
    }
    return TemplateResponse(request, "console/job_edit.html", context)


def _link(site: Any, request: HttpRequest, job: Job) -> HttpResponse:
    """The question, what was found, and after a confirmation the link."""
    if not hand_links.may_link(job):
        messages.warning(request, "It does not wait for an account to be named.")
        return _back(job)
    wanted = request.POST.get("wanted", "").strip()[:512]
    accounts: list[hand_links.Account] | None = None
    problem = ""
    try:
        if chosen := request.POST.get("remote_id", ""):
            link = hand_links.link(job, chosen[:512], actor=operator_of(request).username)
            messages.success(
                request, f"{job.entity_name} is {link.remote_name} there. The job goes on."
            )
            return _back(job)
        if wanted:
            accounts = hand_links.look_up(job, wanted)
    except CannotLink as error:
        problem = str(error)
    context = {
        **_context(site, request, job, "Link by hand"),
        "wanted": wanted or job.found_name or job.remote_name,
        "accounts": accounts,
        "problem": problem,
    }
    return TemplateResponse(request, "console/job_link.html", context)


def _context(site: Any, request: HttpRequest, job: Job, title: str) -> dict[str, Any]:
    back = reverse("admin:provisioning_job_change", args=[job.pk])
    shown = {"title": title, "job": job, "original": job, "opts": Job._meta, "back": back}
    return {**site.each_context(request), **shown}


def _back(job: Job) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:provisioning_job_change", args=[job.pk]))
