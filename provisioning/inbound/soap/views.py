"""HTTP around the door: credentials, media types, sizes, the WSDL, and faults."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from idp.models import ROOT
from provisioning.changes import outcome_header
from provisioning.inbound.auth import (
    PROVISIONING,
    READING,
    AuthRefused,
    Caller,
    InsufficientScope,
    authenticate,
)
from provisioning.inbound.scim2.views import site_base
from provisioning.inbound.soap import answers, door, envelopes, wsdl
from provisioning.inbound.soap.calls import Outcomes, call_of
from provisioning.inbound.soap.envelopes import Envelope
from provisioning.inbound.soap.faults import Code, SoapFault
from provisioning.inbound.soap.operations import Operation
from provisioning.inbound.soap.vocabulary import Service, Version, service_of
from serviceproviders.queries import tenant_of

ACCEPTED = {"text/xml", "application/xml", Version.SOAP12.media_type, ""}
logger = logging.getLogger(__name__)


class SoapResponse(HttpResponse):
    """`counts_as`: the status that metrics and logs go by. SOAP 1.1 knows 500 only, and nobody
    shall be woken because a caller asked for somebody who is not there."""

    def __init__(self, message: bytes, version: Version, status: int, counts_as: int) -> None:
        content_type = f"{version.media_type}; charset=utf-8"
        super().__init__(message, status=status, content_type=content_type)
        self.counts_as = counts_as
        self._has_been_logged = counts_as < 500  # Django logs every other 500 as an error


@method_decorator(csrf_exempt, name="dispatch")
class SoapView(View):
    """Both services, at the addresses that clients of WSO2 know. Cookies mean nothing here."""

    def dispatch(
        self, request: HttpRequest, *args: Any, name: str, domain: str | None = None
    ) -> HttpResponse:
        service = service_of(name)
        asked = {key.lower() for key in request.GET}
        if request.method in ("GET", "HEAD") and "wsdl" in asked:
            return _wsdl(request, service, domain)
        if request.method != "POST":
            return HttpResponse(
                "POST a SOAP message, or GET ?wsdl.\n",
                status=405,
                content_type="text/plain",
                headers={"Allow": "GET, POST"},
            )
        return _Exchange(request, service, domain).answer()


class _Exchange:
    """One message and its answer. What is known of the message tells how to refuse it."""

    def __init__(self, request: HttpRequest, service: Service, domain: str | None) -> None:
        self.request = request
        self.service = service
        self.domain = domain
        media_type = (request.content_type or "").lower()
        is_12 = media_type == Version.SOAP12.media_type
        self.version = Version.SOAP12 if is_12 else Version.SOAP11
        self.envelope: Envelope | None = None

    def answer(self) -> HttpResponse:
        try:
            return self._served()
        except SoapFault as fault:
            return self._refusal(fault)
        except AuthRefused as refused:
            return self._refusal(
                SoapFault(str(refused), status=refused.status, headers=refused.headers)
            )
        except OperationalError:
            logger.exception("soap: the database is not available")
            return self._refusal(
                SoapFault(
                    "The database is busy; try again.",
                    Code.SERVER,
                    status=503,
                    headers={"Retry-After": "2"},
                )
            )
        except Exception:
            logger.exception("soap: a request failed")
            return self._refusal(SoapFault("Internal error; it was logged.", Code.SERVER))

    def _served(self) -> HttpResponse:
        caller, reads_only = _caller(self.request, self.domain)
        envelope = envelopes.read(_body(self.request), _parameter(self.request, "charset"))
        self.envelope, self.version = envelope, envelope.version
        operation = door.operation_of(envelope, _action(self.request))
        if reads_only and operation.changes:
            raise InsufficientScope(PROVISIONING, self.domain)
        call = call_of(caller, self.request)
        value = door.serve(self.service, call, operation, envelope)
        return self._told(operation, envelope, value)

    def _told(self, operation: Operation, envelope: Envelope, value: Any) -> HttpResponse:
        headers: Mapping[str, str] = {}
        if operation.changes:
            headers = _outcome(value)
            if not self.service.answers:
                response = HttpResponse(status=202, headers=headers)
                del response["Content-Type"]
                return response
            value = True
        message = answers.answer(self.service, operation, envelope, value)
        return _response(envelope.version, message, headers=headers)

    def _refusal(self, fault: SoapFault) -> HttpResponse:
        message = answers.fault(self.service, self.version, fault, self.envelope)
        status = answers.status_of(self.version, fault)
        return _response(self.version, message, status, fault.headers, fault.counts_as)


def _caller(request: HttpRequest, domain: str | None) -> tuple[Caller, bool]:
    """Who calls, and whether they may only look. Raises `AuthRefused`."""
    try:
        return authenticate(request, domain), False
    except InsufficientScope as refused:
        try:
            return authenticate(request, domain, scope=READING), True
        except InsufficientScope:
            raise refused from None


def _body(request: HttpRequest) -> bytes:
    """Raises `SoapFault`."""
    if (request.content_type or "").lower() not in ACCEPTED:
        raise SoapFault("Content-Type: text/xml or application/soap+xml, please.", status=415)
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise SoapFault("Content-Encoding: send the message uncompressed.", status=415)
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    too_large = SoapFault(f"The message is larger than {limit} bytes.", status=413)
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise too_large
    raw = request.read(limit + 1)
    if len(raw) > limit:
        raise too_large
    return raw


def _action(request: HttpRequest) -> str:
    """The SOAP action: a header in SOAP 1.1, a parameter of the media type in SOAP 1.2."""
    return request.headers.get("SOAPAction", "") or _parameter(request, "action")


def _parameter(request: HttpRequest, name: str) -> str:
    found: str = (request.content_params or {}).get(name, "")
    return found.strip().strip('"')


def _wsdl(request: HttpRequest, service: Service, domain: str | None) -> HttpResponse:
    if tenant_of(domain or ROOT) is None:
        return HttpResponse("There is no such tenant.\n", status=404, content_type="text/plain")
    document = wsdl.document(service, site_base(request, domain, f"services/{service.name}"))
    return HttpResponse(document, content_type="text/xml; charset=utf-8")


def _outcome(outcomes: Outcomes) -> dict[str, str]:
    return {"Provisioning-Outcome": outcome_header(outcomes)} if outcomes else {}


def _response(
    version: Version,
    message: bytes,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    counts_as: int | None = None,
) -> HttpResponse:
    response = SoapResponse(message, version, status, counts_as or status)
    for name, value in (headers or {}).items():
        response[name] = value
    return response
