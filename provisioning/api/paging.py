"""Pages by cursor, in the order of ids: the next page costs as much as the first."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from provisioning.api.problems import wrong
from provisioning.searching import as_uuid

COUNTED = 10_000
"""How far rows are counted; `count_exact` says whether there are more."""


class Pages(CursorPagination):
    """`{"count", "count_exact", "next", "previous", "results"}`.

    The view's `ordering` is by a unique id; its `total`, if it answers, is a maintained
    counter for the whole list.
    """

    page_size = 50
    page_size_query_param = "limit"

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any] | None:
        self.ordering = view.ordering
        self.count, self.count_exact = _count(queryset, view)
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get("limit")
        if given is None:
            return self.page_size
        if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= 500:
            raise wrong(("limit", "must be a whole number from 1 to 500"))
        return int(given)

    def decode_cursor(self, request: Request) -> Cursor | None:
        bad = wrong(("cursor", "must be taken from `next` or `previous`"))
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise bad from error
        if cursor is not None and cursor.position and as_uuid(str(cursor.position)) is None:
            raise bad
        return cursor

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "count": self.count,
                "count_exact": self.count_exact,
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "results": data,
            }
        )

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": 500, "default": self.page_size}
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string", "minLength": 1}},
            {"name": "limit", "in": "query", "schema": size},
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {
                    "type": "integer",
                    "description": f"Filtered lists are counted up to {COUNTED}.",
                },
                "count_exact": {"type": "boolean"},
                "next": link,
                "previous": link,
                "results": schema,
            },
        }


def _count(queryset: QuerySet[Any], view: Any) -> tuple[int, bool]:
    total: int | None = view.total()
    if total is not None:
        return total, True
    counted = queryset.order_by()[: COUNTED + 1].count()
    return min(counted, COUNTED), counted <= COUNTED
