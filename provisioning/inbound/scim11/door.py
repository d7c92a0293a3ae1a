"""Which operation a method and a path mean in SCIM 1.1, without HTTP around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from idp.models import Tenant
from idp.scim1 import CORE, WSO2
from provisioning.inbound.scim2 import bulk
from provisioning.inbound.scim2.door import (
    TOLD_IN_BULK,
    Request,
    allow,
    collection,
    projected,
    single,
)
from provisioning.inbound.scim2.endpoint import Endpoint
from provisioning.inbound.scim2.errors import ScimError, not_found
from provisioning.inbound.scim2.messages import Answer, Call
from provisioning.inbound.scim2.rendering import Site
from provisioning.inbound.scim2.schema import (
    ResourceSchema,
    group_schema,
    passing,
    user_schema,
)
from provisioning.inbound.scim2.values import Json
from provisioning.inbound.scim11 import discovery, searching, telling
from provisioning.inbound.scim11.resources import Groups1, Users1
from provisioning.inbound.scim11.schema import in_words_of_1

DISCOVERY = ("ServiceProviderConfigs", "Schemas")


def serve_discovery(tenant: Tenant, site: Site, request: Request) -> Answer:
    """Open to everybody. Raises `ScimError`."""
    allow(request.method, "GET")
    match request.segments:
        case ["ServiceProviderConfigs"]:
            return discovery.service_provider_config(site)
        case ["Schemas"]:
            return discovery.schemas(tenant)
        case ["Schemas", name]:
            return discovery.schema(tenant, name)
    raise not_found("/".join(request.segments)[:200])


def serve(call: Call, request: Request) -> Answer:
    """Serve an authenticated request. Raises `ScimError`."""
    users = user_schema(call.caller.tenant)
    endpoints = _endpoints(passing(users) if call.passes else users)
    if request.segments == ["Bulk"]:
        allow(request.method, "POST")
        return _bulk(call, request, endpoints[Users1.name])
    wso2 = searching.speaks_of(WSO2, request.params, request.body)
    params = searching.parameters(request.params, strict=call.strict)
    request = replace(request, params=params)
    match request.segments:
        case [name] if name in endpoints:
            return telling.tell(collection(endpoints[name], call, request), wso2=wso2)
        case [name, entity_id] if name in endpoints:
            return telling.tell(single(endpoints[name], call, request, entity_id), wso2=wso2)
    raise not_found("/".join(request.segments)[:200])


def schema_of(tenant: Tenant, name: str) -> ResourceSchema | None:
    """By the name of the endpoint; with what is written only where nobody is stored."""
    if name == Users1.name:
        return in_words_of_1(passing(user_schema(tenant)))
    return in_words_of_1(group_schema()) if name == Groups1.name else None


@lru_cache(maxsize=512)
def _endpoints(users: ResourceSchema) -> Mapping[str, Endpoint[Any]]:
    return {
        Users1.name: Users1(in_words_of_1(users)),
        Groups1.name: Groups1(in_words_of_1(group_schema())),
    }


def _bulk(call: Call, request: Request, users: Endpoint[Any]) -> Answer:
    """Many operations, each as if it came alone."""

    def one(method: str, segments: list[str], data: Any, version: str) -> Answer:
        if not segments or segments[0] not in (Users1.name, Groups1.name):
            raise not_found("/".join(segments)[:200])
        alone = replace(call, if_match=version, if_none_match="")
        return serve(alone, Request(method, segments, TOLD_IN_BULK, data))

    def new(bodies: Sequence[Any]) -> Sequence[Answer | ScimError]:
        return users.create_all(projected(call, TOLD_IN_BULK), bodies)

    schema = CORE if call.strict else ""
    answer = bulk.answer_bulk(request.body, one, new, call.site, schema=schema)
    operations = [_told(result) for result in (answer.body or {})["Operations"]]
    return replace(answer, body={"schemas": [CORE], "Operations": operations})


def _told(result: Json) -> Json:
    status = {"code": result["status"]}
    if "response" in result:
        status["description"] = result["response"]["detail"]
    kept = {name: value for name, value in result.items() if name != "response"}
    return {**kept, "status": status}
