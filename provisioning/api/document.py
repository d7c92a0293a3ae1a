"""The OpenAPI document of the API: `/schema/`, and `/docs/` for readers.

The page is rendered here and needs no script: the API is read under the strictest policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from idp.models import Tenant
from provisioning.api.views import ApiView, MayUse

PREFIX = "/api/v1/"


def ours_once(endpoints: list[tuple[Any, ...]], **kwargs: Any) -> list[tuple[Any, ...]]:
    """For drf-spectacular: each address in its one true form."""
    return [one for one in endpoints if one[0].startswith(PREFIX) and one[0].endswith("/")]


def with_shapes(result: Any, **kwargs: Any) -> Any:
    """For drf-spectacular: the shapes that our references lead to."""
    from provisioning.api.components import all_shapes

    result.setdefault("components", {}).setdefault("schemas", {}).update(all_shapes())
    return result


class Schema(ApiView):
    """The document, in JSON. Under `/t/<domain>` its server is the tenant's."""

    model = Tenant
    queryset = Tenant.objects.none()
    schema = None
    filter_backends: list[Any] = []
    pagination_class = None
    parameters = {"read": frozenset({"format"})}
    permission_classes = [MayUse]

    def read(self, request: Request, domain: str | None = None, **kwargs: Any) -> Response:
        return Response(document(domain))


def document(domain: str | None) -> dict[str, Any]:
    generator: Any = SchemaGenerator
    generated: dict[str, Any] = generator().get_schema(public=True)
    return {**generated, "servers": [{"url": f"/t/{domain}" if domain else "/"}]}


class Docs(Schema):
    """The same for people. Who is not signed in is asked to."""

    @extend_schema(exclude=True)
    def read(self, request: Request, domain: str | None = None, **kwargs: Any) -> Any:
        told = document(domain)
        shown = {
            "info": told["info"],
            "base": f"/t/{domain}/api/v1" if domain else "/api/v1",
            "sections": list(_sections(told)),
            "shapes": sorted(told["components"]["schemas"].items()),
        }
        return render(request._request, "api/docs.html", shown)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        anonymous = not request.user.is_authenticated
        if anonymous and "Authorization" not in request.headers and request.method == "GET":
            query = urlencode({"next": request.path})
            return HttpResponseRedirect(f"{reverse('admin:login')}?{query}")
        return super().dispatch(request, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    parameters: list[Any]
    body: str
    answers: list[tuple[str, str]]


def _sections(told: Any) -> Iterator[tuple[str, list[Operation]]]:
    found: dict[str, list[Operation]] = {}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            section = path.removeprefix(PREFIX).split("/")[0]
            found.setdefault(section, []).append(_operation(method, path, operation))
    yield from sorted(found.items())


def _operation(method: str, path: str, told: Any) -> Operation:
    bodies = told.get("requestBody", {}).get("content", {})
    return Operation(
        method=method.upper(),
        path=path.removeprefix(PREFIX),
        summary=told.get("summary", ""),
        parameters=[one for one in told.get("parameters", ()) if one["in"] != "path"],
        body=next((_name(media.get("schema", {})) for media in bodies.values()), ""),
        answers=[
            (code, next((_name(m.get("schema", {})) for m in one["content"].values()), ""))
            if "content" in one
            else (code, "")
            for code, one in told["responses"].items()
            if code.startswith("2")
        ],
    )


def _name(schema: Any) -> str:
    """What a schema refers to; of a page, what its results are."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    results = schema.get("properties", {}).get("results", {})
    inner = _name(results.get("items", {})) if results else ""
    return f"page of {inner}" if inner else ""
