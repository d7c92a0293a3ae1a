"""What all resources do alike: who may, which parameters there are, pages, and errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, cast

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.parsers import BaseParser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle
from rest_framework.viewsets import GenericViewSet

from idp.models import Tenant
from provisioning.api import problems
from provisioning.api.callers import ApiCaller
from provisioning.api.filters import Narrowed
from provisioning.api.json_bodies import Json, JsonBody
from provisioning.api.paging import Pages
from provisioning.api.problems import Problem, missing, wrong
from provisioning.changes import TargetOutcome, outcome_header
from provisioning.inbound.auth import Caller
from provisioning.searching import as_uuid

PAGING = frozenset({"limit", "cursor"})


def caller_of(request: Request) -> Caller:
    """Who asks; `ApiCaller` found it out."""
    return cast(Caller, request.auth)


class MayUse(BasePermission):
    """Operators by role, as in the console: viewers read, operators work on people and
    jobs, administrators configure. A client's scope was checked with its token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        operator = caller_of(request).operator
        if operator is None:
            return True
        action = "view" if request.method in SAFE_METHODS else "change"
        meta = view.model._meta
        allowed: bool = operator.has_perm(f"{meta.app_label}.{action}_{meta.model_name}")
        if not allowed:
            raise Problem(403, f"Your role does not allow to {action} a {meta.verbose_name}.")
        return True


class PerCaller(SimpleRateThrottle):
    """`PURVEYOR_API_RATE` (`600/min`) for each caller in each process; unset: no limit."""

    scope = "api"

    def get_rate(self) -> str | None:
        rate: str = settings.PURVEYOR_API_RATE
        return rate or None

    def get_cache_key(self, request: Request, view: Any) -> str:
        caller = caller_of(request)
        return f"api-rate/{caller.tenant.pk}/{caller.actor}"


class ApiView(GenericViewSet[Any]):
    """The base of every resource. Rows of other tenants do not exist here."""

    model: ClassVar[type[Model]]
    ordering: ClassVar[str] = "id"
    parameters: ClassVar[Mapping[str, frozenset[str]]] = {}
    """The query parameters of actions that are no lists; lists have those of their filters."""
    authentication_classes = [ApiCaller]
    permission_classes: Sequence[type[BasePermission]] = [MayUse]
    throttle_classes: Sequence[type[BaseThrottle]] = [PerCaller]
    parser_classes: Sequence[type[BaseParser]] = [JsonBody]
    renderer_classes = [Json]
    filter_backends = [Narrowed]
    pagination_class: type[Pages] | None = Pages
    filterset_class: ClassVar[Any] = None
    lookup_field = "id"

    @property
    def caller(self) -> Caller:
        return caller_of(self.request)

    @property
    def tenant(self) -> Tenant:
        return self.caller.tenant

    def get_exception_handler(self) -> Callable[..., Response]:
        return problems.answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.action:
            self.http_method_not_allowed(request)
        if any("\0" in value for value in kwargs.values()):
            raise Http404
        known = self.parameters.get(self.action, frozenset())
        if self.action == "list":
            known |= PAGING | frozenset(self.filterset_class.base_filters)
        unknown = [name for name in request.query_params if name not in known]
        if unknown:
            raise wrong(*((name[:80], "unknown parameter") for name in unknown))
        for name, value in request.query_params.items():
            if "\0" in value:
                raise wrong((name, "must not hold a NUL character"))

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Which methods there are, in `Allow`."""
        return Response(status=204)

    def total(self) -> int | None:
        """How many rows the list has, when that is counted as they come and go."""
        return None

    def listed(self, queryset: QuerySet[Any]) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(queryset))
        return self.get_paginated_response(self.told(rows or []))

    def told(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """The rows as the API tells them, in a constant number of queries."""
        raise LookupError(f"{type(self).__name__} tells of nothing")

    def told_one(self, row: Any) -> dict[str, Any]:
        return self.told([row])[0]

    def body(self) -> dict[str, Any]:
        """The parsed body; an empty one is an object without keys."""
        data = self.request.data
        return dict(data) if isinstance(data, dict) and data else {}

    def found(self, queryset: QuerySet[Any], id: str) -> Any:
        """The row of that id. Raises `Problem` (404)."""
        key = as_uuid(id)
        row = queryset.filter(pk=key).first() if key else None
        if row is None:
            raise missing(f"{self.model._meta.verbose_name} {id[:80]}")
        return row


class Nothing(ApiView):
    """Addresses below `/api/v1/` that lead nowhere."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404

    def nothing(self, request: Request, **kwargs: Any) -> Response:
        raise Http404


def outcome_headers(outcomes: Sequence[TargetOutcome]) -> dict[str, str]:
    return {"Provisioning-Outcome": outcome_header(outcomes)} if outcomes else {}
