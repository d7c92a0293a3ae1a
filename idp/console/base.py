"""What every page of the console has: it belongs to one tenant, and leaves an audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib.admin import ShowFacets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from idp.console.buttons import Button
from idp.console.scope import current_tenant
from idp.forms import RowForm
from idp.models import Tenant

TENANT_PATHS = {"tenant": "tenant", "provider": "provider__tenant"}


def in_tenant(queryset: QuerySet[Any], tenant: Tenant) -> QuerySet[Any]:
    """Only the tenant's rows, for a model that has a tenant or an identity provider."""
    if queryset.model is Tenant:
        return queryset.filter(pk=tenant.pk)
    names = {field.name for field in queryset.model._meta.get_fields()}
    for name, lookup in TENANT_PATHS.items():
        if name in names:
            return queryset.filter(**{lookup: tenant})
    raise LookupError(f"{queryset.model.__name__} belongs to no tenant")


class TenantForm(RowForm):
    """Knows its tenant, so that "once per tenant" is checked before the database does."""

    tenant: ClassVar[Tenant]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_tenant = any(field.name == "tenant" for field in self._meta.model._meta.fields)
        if has_tenant and self.instance._state.adding:
            self.instance.tenant = self.tenant

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # private
        return excluded - {"tenant"}


@dataclass(frozen=True, slots=True)
class Panel:
    """A read-only part of a page: a template, and what it is rendered with as `panel`."""

    template: str
    content: Any
    above: bool = False
    """Above the form: what an operator opens the page for."""


@dataclass(frozen=True, slots=True)
class FirstStep:
    """What to do where a list is empty and nothing can be added to it by hand: why, and the
    name of a page."""

    sentence: str
    label: str
    page: str


class _ScopedChoices:
    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Without the little menu that would edit the chosen row on the side."""
        field = super().formfield_for_dbfield(  # type: ignore[misc]  # a mixin
            db_field, request, **kwargs
        )
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Choices are rows of the tenant, and of nobody else."""
        if "queryset" not in kwargs:
            rows = db_field.related_model._default_manager.all()
            kwargs["queryset"] = in_tenant(rows, current_tenant(request))
        return super().formfield_for_foreignkey(  # type: ignore[misc]  # a mixin
            db_field, request, **kwargs
        )


class TenantTabularInline(_ScopedChoices, TabularInline):
    extra = 0

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """With the name that only the head of its column shows, for who cannot see that."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs.setdefault("aria-label", capfirst(field.label or ""))
        return field


class TenantStackedInline(_ScopedChoices, StackedInline):
    extra = 0


class TenantAdmin(_ScopedChoices, ModelAdmin):
    """The base of every page. Rows of other tenants do not exist here."""

    form = TenantForm
    # Counting every choice of every filter would read whole tables.
    show_facets = ShowFacets.NEVER
    list_filter_sheet = False
    list_per_page = 50
    warn_unsaved_form = False
    change_form_template = "console/change_form.html"
    buttons: tuple[Button, ...] = ()
    first_step: FirstStep | None = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return in_tenant(super().get_queryset(request), current_tenant(request))

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kw: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kw)
        form.tenant = current_tenant(request)
        return form

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404(f"There is no such {opts.verbose_name} here.")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without the bulk delete: what may go is decided one by one, on its page."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # the audit trail takes the place of the admin's own log

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        self.admin_site.note(request, obj, "create", message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        self.admin_site.note(request, obj, "update", message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> None:
        for obj in queryset:
            self.admin_site.note(request, obj, "delete", [])

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        trail = reverse("admin:provisioning_auditevent_changelist")
        return HttpResponseRedirect(f"{trail}?{urlencode({'subject_id': object_id})}")

    # buttons

    def get_buttons(self, request: HttpRequest, obj: Model | None) -> list[Button]:
        return [
            button
            for button in self.buttons
            if button.is_for(obj) and self._may_press(button, request, obj)
        ]

    def _may_press(self, button: Button, request: HttpRequest, obj: Model | None) -> bool:
        return bool(getattr(self, f"has_{button.permission}_permission")(request, obj))

    def links_of_buttons(
        self, request: HttpRequest, obj: Model | None
    ) -> list[tuple[Button, str]]:
        press = f"admin:{self.opts.app_label}_{self.opts.model_name}_press"
        return [
            (button, reverse(press, args=[obj.pk, button.name]))
            for button in self.get_buttons(request, obj)
            if obj is not None
        ]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_press"
        press = self.admin_site.admin_view(require_POST(self.press))
        urls: list[URLPattern] = super().get_urls()
        return [path("<path:object_id>/press/<slug:name>/", press, name=name), *urls]

    def press(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        obj = self.get_object(request, object_id)
        button = next((b for b in self.buttons if b.name == name and b.is_for(obj)), None)
        if obj is None or button is None:
            raise Http404("There is nothing to press here.")
        if not self._may_press(button, request, obj):
            raise PermissionDenied
        if button.confirm and "confirmed" not in request.POST:
            return self._ask(request, obj, button)
        answer: HttpResponse | None = getattr(self, button.act)(request, obj)
        return answer or HttpResponseRedirect(self.page_of(obj))

    def page_of(self, obj: Model) -> str:
        name = f"{obj._meta.app_label}_{obj._meta.model_name}_change"
        return reverse(f"admin:{name}", args=[obj.pk])

    def _ask(self, request: HttpRequest, obj: Model, button: Button) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": button.label,
            "opts": self.opts,
            "original": obj,
            "sentence": button.confirm,
            "label": button.label,
            "danger": button.danger,
            "back": self.page_of(obj),
        }
        return TemplateResponse(request, "console/confirm.html", context)

    def get_panels(self, request: HttpRequest, obj: Any) -> list[Panel]:
        """What stands below the form of an object that exists."""
        return []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        obj = kwargs.get("obj")
        context["console_panels"] = self.get_panels(request, obj) if obj else []
        context["console_buttons"] = self.links_of_buttons(request, obj)
        return super().render_change_form(request, context, *args, **kwargs)
