"""Lists that can be had as a file: what the filters leave, all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.timezone import localtime, now

from idp.console.base import TenantAdmin
from idp.console.scope import current_tenant
from provisioning import history
from provisioning.admin.reading import ReadingAdmin

JSON_LINES = "application/x-ndjson"
TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": JSON_LINES, "jsonl": JSON_LINES}


class Exporting(TenantAdmin):
    """`exports` says what its rows are, and names the file."""

    exports = ""
    formats: tuple[str, ...] = history.FORMATS
    list_after_template = "console/exports.html"

    def lines(self, request: HttpRequest, found: QuerySet[Any], format: str) -> Iterator[str]:
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        view = self.admin_site.admin_view(self.export)
        return [path("export/<slug:format>/", view, name=name), *super().get_urls()]

    def export(self, request: HttpRequest, format: str) -> HttpResponse | StreamingHttpResponse:
        """Streamed, newest first as the list is; not what was chosen, but what is filtered."""
        if format not in self.formats or not self.has_view_permission(request):
            return HttpResponseRedirect("../..")
        found = self.get_changelist_instance(request).get_queryset(request)
        answer = StreamingHttpResponse(
            self.lines(request, found, format), content_type=TYPES[format]
        )
        day = localtime(now()).date().isoformat()
        name = f"{self.exports}-{current_tenant(request).domain}-{day}.{format}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"exports": self.formats, "query": request.GET.urlencode()}
        return super().changelist_view(request, {**context, **(extra_context or {})})


class ExportedAdmin(Exporting, ReadingAdmin):
    """`exports` is the kind of history its rows are."""

    def lines(self, request: HttpRequest, found: QuerySet[Any], format: str) -> Iterator[str]:
        rows = found.iterator(chunk_size=history.TOGETHER)
        return history.write(self.exports, rows, format)
