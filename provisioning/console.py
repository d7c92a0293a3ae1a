"""The console itself: its first page, and what every page knows.

Not within `provisioning.admin`: pages register with the site, so it is imported first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

from idp.console.base import TenantAdmin
from idp.console.scope import current_tenant, operator_of, switch_tenant
from idp.models import Tenant
from provisioning import audit, logbook
from provisioning.changes import Door

View = Callable[..., HttpResponseBase]


class ConsoleSite(UnfoldAdminSite):
    index_title = "Overview"

    def register(self, models: Any, admin_class: Any = None, **options: Any) -> None:
        """Only pages that know their tenant; those that packages bring along do not."""
        if admin_class is not None and issubclass(admin_class, TenantAdmin):
            super().register(models, admin_class, **options)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Pages tell the time of the tenant's zone."""
        inner: View = super().admin_view(view, cacheable)

        @wraps(inner)
        def in_zone(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return inner(request, *args, **kwargs)
            tenant = current_tenant(request)
            logbook.caller(tenant, operator_of(request).username)
            with timezone.override(tenant.zone):
                answer = inner(request, *args, **kwargs)
                return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer

        return in_zone

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        # The colours are in console.css: a style element would need a weaker policy.
        context["colors"] = None
        return context

    def get_urls(self) -> list[URLPattern]:
        switch = path("tenant/", self.admin_view(self.switch_tenant), name="switch_tenant")
        urls: list[URLPattern] = super().get_urls()
        live = path("overview/", self.admin_view(self.overview), name="overview")
        return [switch, live, *urls]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        from provisioning.queries import overview

        shown = {"overview": overview(current_tenant(request)), **(extra_context or {})}
        answer: HttpResponse = super().index(request, shown)
        return answer

    def overview(self, request: HttpRequest) -> HttpResponse:
        """What the first page shows, by itself: it stays up to date."""
        from provisioning.queries import overview

        shown = {"overview": overview(current_tenant(request))}
        return TemplateResponse(request, "console/overview.html", shown)

    def switch_tenant(self, request: HttpRequest) -> HttpResponse:
        """Super-operators choose the tenant they work in."""
        if not operator_of(request).is_superuser:
            raise PermissionDenied
        if request.method == "POST":
            chosen = get_object_or_404(Tenant, domain=request.POST.get("tenant", ""))
            switch_tenant(request, chosen)
            return HttpResponseRedirect(reverse("admin:index"))
        context = {
            **self.each_context(request),
            "title": "Work in another tenant",
            "tenants": Tenant.objects.all(),
            "current": current_tenant(request),
        }
        return TemplateResponse(request, "console/switch_tenant.html", context)

    def note(self, request: HttpRequest, obj: Model, action: str, message: Any) -> None:
        """Write into the audit trail what an operator did to the configuration."""
        audit.record(
            tenant=obj if isinstance(obj, Tenant) else current_tenant(request),
            actor=operator_of(request).username,
            door=Door.CONSOLE,
            action=f"configuration.{action}",
            subject_type=obj._meta.model_name or "",
            subject_id=obj.pk or "",
            subject_name=str(obj),
            detail={"changes": message} if message else {},
        )
