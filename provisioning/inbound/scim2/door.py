"""Which operation a method and a path mean (RFC 7644 §3.2), without HTTP around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from idp.models import Tenant
from provisioning.inbound.scim2 import discovery
from provisioning.inbound.scim2.bodies import check_schemas
from provisioning.inbound.scim2.bulk import REQUEST_SCHEMA, answer_bulk
from provisioning.inbound.scim2.endpoint import Endpoint
from provisioning.inbound.scim2.errors import ScimError, invalid_syntax, not_found
from provisioning.inbound.scim2.groups import Groups
from provisioning.inbound.scim2.listing import answer_list, answer_root
from provisioning.inbound.scim2.messages import Answer, Call
from provisioning.inbound.scim2.rendering import Site
from provisioning.inbound.scim2.schema import (
    ResourceSchema,
    group_schema,
    passing,
    user_schema,
)
from provisioning.inbound.scim2.searching import projection_of, read_search
from provisioning.inbound.scim2.users import Users

_NAMES = (Users.name, Groups.name)
DISCOVERY = ("ServiceProviderConfig", "Schemas", "ResourceTypes")
TOLD_IN_BULK = {"attributes": "meta"}
"""All that the result of an operation tells of a resource: nothing else is read for it."""
SEARCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@dataclass(frozen=True, slots=True)
class Request:
    """`segments` is the path below `/scim2`; `body` is parsed JSON."""

    method: str
    segments: list[str]
    params: Mapping[str, str]
    body: Any = None


def serve_discovery(tenant: Tenant, site: Site, request: Request) -> Answer:
    """Open to everybody. Raises `ScimError`; filters are forbidden here (RFC 7644 §4)."""
    allow(request.method, "GET")
    if any(name.lower() == "filter" for name in request.params):
        raise ScimError(403, "filter: not on discovery endpoints.")
    name, *rest = request.segments
    if len(rest) > 1 or (name == "ServiceProviderConfig" and rest):
        raise not_found("/".join(request.segments)[:200])
    if name == "ServiceProviderConfig":
        return discovery.service_provider_config(site)
    if name == "Schemas":
        return discovery.schemas(tenant, site, *rest)
    return discovery.resource_types(tenant, site, *rest)


def serve(call: Call, request: Request) -> Answer:
    """Serve an authenticated request. Raises `ScimError`."""
    users = user_schema(call.caller.tenant)
    endpoints = _endpoints(passing(users) if call.passes else users)
    match request.segments:
        case []:
            allow(request.method, "GET")
            return answer_root(tuple(endpoints.values()), call, read_search(request.params))
        case [".search"]:
            allow(request.method, "POST")
            return answer_root(
                tuple(endpoints.values()), call, read_search(_search_body(call, request))
            )
        case ["Me", *_]:
            raise ScimError(501, "/Me is not supported: callers are not users of a store.")
        case ["Bulk"]:
            allow(request.method, "POST")
            return _bulk(call, request, endpoints[Users.name])
        case [name, ".search"] if name in endpoints:
            allow(request.method, "POST")
            search = read_search(_search_body(call, request))
            return answer_list(endpoints[name], call, search)
        case [name] if name in endpoints:
            return collection(endpoints[name], call, request)
        case [name, entity_id] if name in endpoints:
            return single(endpoints[name], call, request, entity_id)
    raise not_found("/".join(request.segments)[:200])


@lru_cache(maxsize=512)
def _endpoints(users: ResourceSchema) -> Mapping[str, Endpoint[Any]]:
    return {Users.name: Users(users), Groups.name: Groups(group_schema())}


def collection(endpoint: Endpoint[Any], call: Call, request: Request) -> Answer:
    allow(request.method, "GET", "POST")
    if request.method == "POST":
        return endpoint.create(projected(call, request.params), request.body)
    return answer_list(endpoint, call, read_search(request.params))


def single(endpoint: Endpoint[Any], call: Call, request: Request, entity_id: str) -> Answer:
    allow(request.method, "GET", "PUT", "PATCH", "DELETE")
    if request.method == "DELETE":
        return endpoint.delete(call, entity_id)
    call = projected(call, request.params)
    if request.method == "GET":
        return endpoint.read(call, entity_id)
    if request.method == "PUT":
        return endpoint.replace(call, entity_id, request.body)
    return endpoint.patch(call, entity_id, request.body)


def projected(call: Call, params: Mapping[str, str]) -> Call:
    values = {name.lower(): value for name, value in params.items()}
    return replace(call, projection=projection_of(values))


def _search_body(call: Call, request: Request) -> Mapping[str, Any]:
    body = request.body
    if not isinstance(body, Mapping):
        raise invalid_syntax("The body is not a JSON object.")
    if call.strict:
        check_schemas(body, SEARCH_SCHEMA)
    return body


def _bulk(call: Call, request: Request, users: Endpoint[Any]) -> Answer:
    def one(method: str, segments: list[str], data: Any, version: str) -> Answer:
        if segments[0] not in _NAMES or segments[1:] == [".search"]:
            raise not_found("/".join(segments)[:200])
        alone = replace(call, if_match=version, if_none_match="")
        return serve(alone, Request(method, segments, TOLD_IN_BULK, data))

    def new(bodies: Sequence[Any]) -> Sequence[Answer | ScimError]:
        return users.create_all(projected(call, TOLD_IN_BULK), bodies)

    schema = REQUEST_SCHEMA if call.strict else ""
    return answer_bulk(request.body, one, new, call.site, schema=schema)


def allow(method: str, *methods: str) -> None:
    if method not in methods:
        allowed = ", ".join(methods)
        raise ScimError(
            405, f"{method} is not supported here; {allowed} is.", headers={"Allow": allowed}
        )
