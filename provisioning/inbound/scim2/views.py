"""HTTP around the door: credentials, media types, sizes, JSON, and errors as SCIM bodies."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from idp.models import ROOT
from provisioning.inbound.auth import AuthRefused, authenticate
from provisioning.inbound.scim2 import door
from provisioning.inbound.scim2.door import Request
from provisioning.inbound.scim2.errors import ScimError, invalid_syntax, not_found
from provisioning.inbound.scim2.messages import Answer, Call
from provisioning.inbound.scim2.rendering import Site
from serviceproviders.queries import tenant_of

MEDIA_TYPE = "application/scim+json"
_ACCEPTED = {MEDIA_TYPE, "application/json", ""}
logger = logging.getLogger(__name__)


@method_decorator(csrf_exempt, name="dispatch")
class ScimView(View):
    """Everything under `/scim2`. Sessions and cookies mean nothing here."""

    def dispatch(
        self,
        request: HttpRequest,
        *args: Any,
        domain: str | None = None,
        rest: str | None = None,
    ) -> HttpResponse:
        try:
            return _response(_serve(request, domain, rest or ""))
        except ScimError as error:
            return _refusal(error)
        except AuthRefused as refused:
            return _refusal(ScimError(refused.status, str(refused), headers=refused.headers))
        except OperationalError:
            logger.exception("scim2: the database is not available")
            headers = {"Retry-After": "2"}
            return _refusal(ScimError(503, "The database is busy; try again.", headers=headers))
        except Exception:
            logger.exception("scim2: %s failed", request.method)
            return _refusal(ScimError(500, "Internal error; it was logged."))


def _serve(request: HttpRequest, domain: str | None, rest: str) -> Answer:
    segments = _segments(rest)
    site = Site(site_base(request, domain))
    method = "GET" if request.method == "HEAD" else str(request.method)
    if segments and segments[0] in door.DISCOVERY:
        tenant = tenant_of(domain or ROOT)
        if tenant is None:
            raise not_found(f"Tenant {str(domain)[:80]}")
        return door.serve_discovery(tenant, site, Request(method, segments, _params(request)))
    caller = authenticate(request, domain)
    call = Call(
        caller,
        site,
        if_match=request.headers.get("If-Match", ""),
        if_none_match=request.headers.get("If-None-Match", ""),
    )
    body = _body(request) if method in ("POST", "PUT", "PATCH") else None
    return door.serve(call, Request(method, segments, _params(request), body))


def _segments(rest: str) -> list[str]:
    """`Users/<id>` with or without a slash at the end."""
    return rest.removesuffix("/").split("/") if rest.strip("/") else []


def _params(request: HttpRequest) -> dict[str, str]:
    """Query parameters; one given more than once is a list."""
    return {name: ",".join(request.GET.getlist(name)) for name in request.GET}


def _body(request: HttpRequest) -> Any:
    media_type = (request.content_type or "").lower()
    if media_type not in _ACCEPTED:
        raise ScimError(415, f"Content-Type: {MEDIA_TYPE} or application/json, please.")
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise ScimError(413, f"The body is larger than {limit} bytes.")
    try:
        return orjson.loads(request.read())
    except orjson.JSONDecodeError as error:
        raise invalid_syntax(f"The body is not JSON: {error}") from error


def site_base(request: HttpRequest, domain: str | None) -> str:
    """Where the caller finds the door: by the configured base URL, else as it was called."""
    configured: str = settings.PURVEYOR_BASE_URL
    is_default = configured == f"http://{settings.PURVEYOR_BIND}"
    origin = f"{request.scheme}://{request.get_host()}" if is_default else configured
    return f"{origin}/t/{domain}/scim2" if domain else f"{origin}/scim2"


def _refusal(error: ScimError) -> HttpResponse:
    return _response(Answer(error.status, error.body(), error.headers))


def _response(answer: Answer) -> HttpResponse:
    response = HttpResponse(status=answer.status)
    if answer.body is None:
        del response["Content-Type"]
    else:
        response.content = orjson.dumps(answer.body)
        response["Content-Type"] = MEDIA_TYPE
    for name, value in answer.headers.items():
        response[name] = value
    return response
