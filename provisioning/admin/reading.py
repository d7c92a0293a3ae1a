"""What pages that only show have in common, and filters that never scan a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.paginator import InfinitePaginator

from idp.console.base import TenantAdmin, in_tenant
from idp.console.scope import current_tenant
from idp.models import OutboundConnector


class ReadingAdmin(TenantAdmin):
    """A list without totals, and pages without a form."""

    paginator = InfinitePaginator
    list_disable_select_all = True
    show_full_result_count = False
    detail_template = ""

    def detail(self, obj: Any) -> dict[str, Any]:
        """What `detail_template` is rendered with."""
        return {}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        obj = self.get_object(request, object_id or "")
        if obj is None:
            raise Http404(f"There is no such {self.opts.verbose_name} here.")
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request, obj):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": str(obj),
            "opts": self.opts,
            "original": obj,
            "console_buttons": self.links_of_buttons(request, obj),
            **self.detail(obj),
        }
        return TemplateResponse(request, self.detail_template, context)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_work_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Operators and administrators work on what viewers only see."""
        codename = f"{self.opts.app_label}.change_{self.opts.model_name}"
        return bool(request.user.has_perm(codename))


class ListAdmin(ReadingAdmin):
    """A list whose rows have no page of their own."""

    list_display_links = None

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise Http404("There is no such page.")


class WordFilter(SimpleListFilter):
    """A filter by one of the words of a column; `words` are (value, label)."""

    words: Sequence[tuple[str, str]] = ()
    column = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in self.words]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value not in {str(word) for word, _ in self.words}:
            return queryset
        return queryset.filter(**{self.column or str(self.parameter_name): value})


def word_filter(
    name: str, heading: str, choices: Sequence[tuple[Any, Any]]
) -> type[WordFilter]:
    words = {"title": heading, "parameter_name": name, "words": tuple(choices)}
    return type(f"{name.title()}Filter", (WordFilter,), words)


class ConnectorFilter(SimpleListFilter):
    title = "connector"
    parameter_name = "connector"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = in_tenant(OutboundConnector.objects.all(), current_tenant(request))
        rows = rows.select_related("provider").order_by("provider__name", "type")
        return [(str(row.pk), str(row)) for row in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {pk for pk, _ in self.lookup_choices}
        return queryset.filter(connector_id=self.value()) if self.value() in known else queryset
