"""Lists that can be had as a file: what the filters leave, all of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.timezone import localtime, now

from idp.console.scope import current_tenant
from provisioning import history
from provisioning.admin.reading import ReadingAdmin

TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}


class ExportedAdmin(ReadingAdmin):
    """`exports` is the kind of history its rows are."""

    exports = ""
    list_after_template = "console/exports.html"

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        view = self.admin_site.admin_view(self.export)
        return [path("export/<slug:format>/", view, name=name), *super().get_urls()]

    def export(self, request: HttpRequest, format: str) -> HttpResponse | StreamingHttpResponse:
        """Streamed, newest first as the list is; not what was chosen, but what is filtered."""
        if format not in TYPES or not self.has_view_permission(request):
            return HttpResponseRedirect("../..")
        found = self.get_changelist_instance(request).get_queryset(request)
        rows = found.iterator(chunk_size=history.TOGETHER)
        answer = StreamingHttpResponse(
            history.write(self.exports, rows, format), content_type=TYPES[format]
        )
        day = localtime(now()).date().isoformat()
        name = f"{self.exports}-{current_tenant(request).domain}-{day}.{format}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"exports": tuple(TYPES), "query": request.GET.urlencode()}
        return super().changelist_view(request, {**context, **(extra_context or {})})
