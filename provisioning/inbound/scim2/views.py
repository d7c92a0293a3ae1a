"""HTTP around the door: credentials, media types, sizes, JSON, and errors as SCIM bodies."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from idp.models import ROOT, Tenant
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
    """Everything under `/scim2`. Sessions and cookies mean nothing here.

    SCIM 1.1 has a door of the same make: what is not said in methods of this class is so
    for both.
    """

    at: ClassVar[str] = "scim2"
    """Where the door is, below the root or the tenant."""
    discovery: ClassVar[Collection[str]] = door.DISCOVERY
    """What is open to everybody, by its first segment."""

    def dispatch(
        self,
        request: HttpRequest,
        *args: Any,
        domain: str | None = None,
        rest: str | None = None,
    ) -> HttpResponse:
        try:
            return self.respond(self._answer(request, domain, rest or ""))
        except ScimError as error:
            return self.refuse(error)
        except AuthRefused as refused:
            return self.refuse(ScimError(refused.status, str(refused), headers=refused.headers))
        except OperationalError:
            logger.exception("%s: the database is not available", self.at)
            headers = {"Retry-After": "2"}
            return self.refuse(ScimError(503, "The database is busy; try again.", "", headers))
        except Exception:
            logger.exception("%s: %s failed", self.at, request.method)
            return self.refuse(ScimError(500, "Internal error; it was logged."))

    # for each version of SCIM

    def read_body(self, request: HttpRequest, call: Call, segments: Sequence[str]) -> Any:
        check_media_type(request, _ACCEPTED, f"{MEDIA_TYPE} or application/json")
        return read_json(request)

    def serve_discovery(self, tenant: Tenant, site: Site, request: Request) -> Answer:
        return door.serve_discovery(tenant, site, request)

    def serve(self, call: Call, request: Request) -> Answer:
        return door.serve(call, request)

    def respond(self, answer: Answer) -> HttpResponse:
        content = None if answer.body is None else orjson.dumps(answer.body)
        return response_of(answer, content, MEDIA_TYPE)

    def refuse(self, error: ScimError) -> HttpResponse:
        return self.respond(Answer(error.status, error.body(), error.headers))

    def read_path(self, request: HttpRequest, rest: str) -> tuple[str, list[str]]:
        """The method, and the segments of the path below the door."""
        method = "GET" if request.method == "HEAD" else str(request.method)
        return method, segments_of(rest)

    # for both

    def _answer(self, request: HttpRequest, domain: str | None, rest: str) -> Answer:
        method, segments = self.read_path(request, rest)
        site = Site(site_base(request, domain, self.at))
        if segments and segments[0] in self.discovery:
            tenant = tenant_of(domain or ROOT)
            if tenant is None:
                raise not_found(f"Tenant {str(domain)[:80]}")
            asked = Request(method, segments, params_of(request))
            return self.serve_discovery(tenant, site, asked)
        call = Call(
            authenticate(request, domain),
            site,
            if_match=request.headers.get("If-Match", ""),
            if_none_match=request.headers.get("If-None-Match", ""),
        )
        body = None
        if method in ("POST", "PUT", "PATCH"):
            body = self.read_body(request, call, segments)
        return self.serve(call, Request(method, segments, params_of(request), body))


def segments_of(rest: str) -> list[str]:
    """`Users/<id>` with or without a slash at the end."""
    return rest.removesuffix("/").split("/") if rest.strip("/") else []


def params_of(request: HttpRequest) -> dict[str, str]:
    """Query parameters; one given more than once is a list."""
    return {name: ",".join(request.GET.getlist(name)) for name in request.GET}


def check_media_type(request: HttpRequest, accepted: Collection[str], words: str) -> None:
    """Raises `ScimError` (415, 413) for what is not read, or too long."""
    if (request.content_type or "").lower() not in accepted:
        raise ScimError(415, f"Content-Type: {words}, please.")
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise ScimError(413, f"The body is larger than {limit} bytes.")


def read_json(request: HttpRequest) -> Any:
    try:
        return orjson.loads(request.read())
    except orjson.JSONDecodeError as error:
        raise invalid_syntax(f"The body is not JSON: {error}") from error


def site_base(request: HttpRequest, domain: str | None, at: str) -> str:
    """Where the caller finds the door: by the configured base URL, else as it was called."""
    configured: str = settings.PURVEYOR_BASE_URL
    is_default = configured == f"http://{settings.PURVEYOR_BIND}"
    origin = f"{request.scheme}://{request.get_host()}" if is_default else configured
    return f"{origin}/t/{domain}/{at}" if domain else f"{origin}/{at}"


def response_of(answer: Answer, content: bytes | None, media_type: str) -> HttpResponse:
    response = HttpResponse(status=answer.status)
    if content is None:
        del response["Content-Type"]
    else:
        response.content = content
        response["Content-Type"] = media_type
    for name, value in answer.headers.items():
        response[name] = value
    return response
