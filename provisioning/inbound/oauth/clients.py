"""Client authentication (RFC 6749 §2.3): Basic, or id and secret as form fields."""

from __future__ import annotations

from urllib.parse import unquote_plus

from django.http import HttpRequest

from provisioning.inbound import allowance, basic, lockout, verified
from provisioning.inbound.refusals import Unauthenticated
from serviceproviders.models import OAuthClient
from serviceproviders.queries import client_of

WRONG = "The client id or secret is wrong."


def authenticate_client(request: HttpRequest, domain: str | None = None) -> OAuthClient:
    """The client that calls, not retired, and of the tenant of the URL when it names one.

    Raises `Unauthenticated` or `NotFromThere`. Wrong secrets count towards a lockout like
    passwords do.
    """
    client_id, secret = _presented(request, domain)
    name = f"client:{client_id}"
    failed = lockout.failures(request, name)
    if lockout.is_locked(failed):
        raise Unauthenticated(basic.LOCKED, domain)
    client = client_of(client_id)
    if client is None:
        verified.burn(secret)
    if client is None or not _holds(client, secret, domain):
        lockout.count_failure(request, name)
        raise Unauthenticated(WRONG, domain)
    allowance.check_address(request, client, domain)
    if failed:
        lockout.forget_failures(request, name)
    return client


def _holds(client: OAuthClient, secret: str, domain: str | None) -> bool:
    return verified.credentials.check(secret, client.client_secret) and (
        domain is None or client.service_provider.tenant.domain == domain
    )


def _presented(request: HttpRequest, domain: str | None) -> tuple[str, str]:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = basic.decode(value.strip(), domain)
        return unquote_plus(client_id), unquote_plus(secret)
    client_id = request.POST.get("client_id", "")
    if not client_id:
        raise Unauthenticated("Client credentials are required.", domain)
    return client_id, request.POST.get("client_secret", "")
