"""HTTP around the SCIM 1.1 door: JSON, or XML where the client asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import orjson
from django.http import HttpRequest, HttpResponse

from idp.models import Tenant
from provisioning.changes import Door
from provisioning.inbound.scim2.door import Request
from provisioning.inbound.scim2.errors import ScimError
from provisioning.inbound.scim2.messages import Answer, Call
from provisioning.inbound.scim2.rendering import Site
from provisioning.inbound.scim2.views import (
    ScimView,
    check_media_type,
    read_json,
    response_of,
    segments_of,
)
from provisioning.inbound.scim11 import door, formats, read_xml, telling, written_xml

_OVERRIDE = "X-HTTP-Method-Override"
_OVERRIDING = {"PUT", "PATCH", "DELETE"}
_KINDS = {
    "Users": "User",
    "Groups": "Group",
    "Bulk": "Bulk",
    "ServiceProviderConfigs": "ServiceProviderConfig",
    "Schemas": "Schema",
}


class Scim1View(ScimView):
    """Everything under `/wso2/scim`."""

    at: ClassVar[str] = "wso2/scim"
    discovery = door.DISCOVERY

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """What is answered in XML, errors are too: decided before anything can go wrong."""
        super().setup(request, *args, **kwargs)
        rest = kwargs.get("rest") or ""
        self.format = formats.wanted(request, rest)
        self.segments = segments_of(formats.split_suffix(rest)[0])

    def read_path(self, request: HttpRequest, rest: str) -> tuple[str, list[str]]:
        """Some clients can only POST, and say in a header what they mean."""
        method, _ = super().read_path(request, rest)
        meant = request.headers.get(_OVERRIDE, "").upper()
        if method == "POST" and meant in _OVERRIDING:
            method = meant
        return method, self.segments

    def read_body(self, request: HttpRequest, call: Call, segments: Sequence[str]) -> Any:
        check_media_type(request, formats.READ, f"{formats.JSON} or {formats.XML}")
        if (request.content_type or "").lower() not in formats.READ_XML:
            return read_json(request)
        tenant = call.caller.tenant
        endpoint = segments[0] if segments else ""
        return read_xml.read(
            request.read(), endpoint, lambda name: door.schema_of(tenant, name)
        )

    def serve_discovery(self, tenant: Tenant, site: Site, request: Request) -> Answer:
        return door.serve_discovery(tenant, site, request)

    def serve(self, call: Call, request: Request) -> Answer:
        return door.serve(replace(call, door=Door.SCIM11), request)

    def respond(self, answer: Answer) -> HttpResponse:
        if answer.body is None:
            return response_of(answer, None, "")
        if self.format == formats.XML:
            kind = _KINDS.get(self.segments[0] if self.segments else "", "Response")
            return response_of(answer, written_xml.write(answer.body, kind), formats.XML)
        return response_of(answer, orjson.dumps(answer.body), formats.JSON)

    def refuse(self, error: ScimError) -> HttpResponse:
        return self.respond(Answer(error.status, telling.error_body(error), error.headers))
