"""Our own addresses, as others are told them: by `PURVEYOR_BASE_URL`, never by a request."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.conf import settings

from idp.models import ROOT, IdentityProvider, Tenant


def path_of(tenant: Tenant, provider: IdentityProvider | None = None, page: str = "") -> str:
    """`/login/…`, under `/t/<domain>` for other tenants than the root one."""
    prefix = "" if tenant.domain == ROOT else f"/t/{quote(tenant.domain, safe='')}"
    name = f"{quote(provider.name, safe='')}/" if provider is not None else ""
    return f"{prefix}/login/{name}{page}"


def url_of(provider: IdentityProvider, page: str = "") -> str:
    base: str = settings.PURVEYOR_BASE_URL
    return f"{base}{path_of(provider.tenant, provider, page)}"


def callback(provider: IdentityProvider) -> str:
    """Where OpenID Connect answers come to; identity providers know it to the letter."""
    return url_of(provider, "callback/")


def signed_out(provider: IdentityProvider) -> str:
    return url_of(provider, "signed-out/")


def go_on(provider: IdentityProvider, state: str) -> str:
    """Where a login goes on whose answer is kept."""
    page = path_of(provider.tenant, provider, "continue/")
    return f"{page}?{urlencode({'state': state})}"
