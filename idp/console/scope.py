"""Which tenant the console is working in."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from idp.models import Operator, Tenant

_SESSION = "console_tenant"


def operator_of(request: HttpRequest) -> Operator:
    return cast(Operator, request.user)


def current_tenant(request: HttpRequest) -> Tenant:
    """The operator's tenant; for a super-operator the one chosen last in this session."""
    cached: Tenant | None = getattr(request, "_console_tenant", None)
    if cached is None:
        cached = _chosen(request) or operator_of(request).tenant
        request._console_tenant = cached  # type: ignore[attr-defined]  # cached per request
    return cached


def switch_tenant(request: HttpRequest, tenant: Tenant) -> None:
    """Raises `PermissionError` unless the operator is a super-operator."""
    if not operator_of(request).is_superuser:
        raise PermissionError("only super-operators work in several tenants")
    request.session[_SESSION] = str(tenant.pk)


def _chosen(request: HttpRequest) -> Tenant | None:
    chosen = request.session.get(_SESSION)
    if not chosen or not operator_of(request).is_superuser:
        return None
    return Tenant.objects.filter(pk=chosen).first()
