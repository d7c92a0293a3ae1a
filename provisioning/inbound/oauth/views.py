"""`/oauth2/token`, `/oauth2/revoke`, `/oauth2/introspect`. Errors are OAuth error JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from oauth2_provider.views.mixins import OAuthLibMixin

from provisioning.inbound.oauth.clients import authenticate_client
from provisioning.inbound.oauth.validator import AuthenticatedClientValidator
from provisioning.inbound.refusals import NotFromThere, Unauthenticated
from serviceproviders.models import OAuthClient
from serviceproviders.queries import token_of


@method_decorator(
    [csrf_exempt, never_cache, sensitive_post_parameters("client_secret", "token")],
    name="dispatch",
)
class ClientView(View):
    """A POST of an authenticated client; anything else is `invalid_client`."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, domain: str | None = None) -> HttpResponse:
        try:
            client = authenticate_client(request, domain)
        except NotFromThere as refused:
            body = {"error": "unauthorized_client", "error_description": str(refused)}
            return JsonResponse(body, status=403)
        except Unauthenticated as refused:
            body = {"error": "invalid_client", "error_description": str(refused)}
            challenge = {"WWW-Authenticate": 'Basic realm="oauth2", charset="UTF-8"'}
            return JsonResponse(body, status=401, headers=challenge)
        return self.answer(request, client)

    def answer(self, request: HttpRequest, client: OAuthClient) -> HttpResponse:
        raise TypeError(f"{type(self).__name__} has no answer")


class _OAuthLibView(OAuthLibMixin, ClientView):
    validator_class = AuthenticatedClientValidator

    def answer(self, request: HttpRequest, client: OAuthClient) -> HttpResponse:
        request.META[AuthenticatedClientValidator.ENVIRON] = client
        headers, body, status = self.respond(request)
        return HttpResponse(body or "", status=status, headers=headers)

    def respond(self, request: HttpRequest) -> tuple[dict[str, str], str, int]:
        raise TypeError(f"{type(self).__name__} has no answer")


class TokenView(_OAuthLibView):
    """A token for the client's own scopes (RFC 6749 §4.4). No refresh tokens."""

    def respond(self, request: HttpRequest) -> tuple[dict[str, str], str, int]:
        _, headers, body, status = self.create_token_response(request)
        return headers, body, status


class RevokeView(_OAuthLibView):
    """RFC 7009: a client's own token; 200 whether or not there was one."""

    def respond(self, request: HttpRequest) -> tuple[dict[str, str], str, int]:
        _, headers, body, status = self.create_revocation_response(request)
        return headers, body, status


class IntrospectView(ClientView):
    """RFC 7662: tokens of the client's tenant; any other is just not active."""

    def answer(self, request: HttpRequest, client: OAuthClient) -> HttpResponse:
        token = request.POST.get("token", "")
        if not token:
            body = {"error": "invalid_request", "error_description": "token is missing."}
            return JsonResponse(body, status=400)
        return JsonResponse(_introspected(token, client))


def _introspected(token: str, client: OAuthClient) -> dict[str, Any]:
    found = token_of(token)
    if found is None or found.is_expired():
        return {"active": False}
    owner: OAuthClient = found.application
    service_provider = owner.service_provider
    if (
        service_provider.tenant_id != client.service_provider.tenant_id
        or service_provider.retired_at is not None
    ):
        return {"active": False}
    return {
        "active": True,
        "scope": found.scope,
        "client_id": owner.client_id,
        "token_type": "Bearer",
        "exp": int(found.expires.timestamp()),
        "iat": int(found.created.timestamp()),
    }
