"""`/ServiceProviderConfig`, `/Schemas`, `/ResourceTypes` (RFC 7643 §5 to §7): open to all."""

from __future__ import annotations

from idp.models import Tenant
from provisioning.inbound.scim2 import bulk
from provisioning.inbound.scim2.cursors import TIMEOUT
from provisioning.inbound.scim2.errors import not_found
from provisioning.inbound.scim2.messages import Answer
from provisioning.inbound.scim2.rendering import Site
from provisioning.inbound.scim2.schema import (
    ResourceSchema,
    as_shown,
    definitions,
    group_schema,
    user_schema,
)
from provisioning.inbound.scim2.searching import DEFAULT_COUNT, MAX_COUNT
from provisioning.inbound.scim2.values import Json

AUTHENTICATION_SCHEMES = (
    {
        "type": "oauthbearertoken",
        "name": "OAuth 2.0 Bearer",
        "description": "A token of /oauth2/token with the scope provisioning.",
        "specUri": "https://www.rfc-editor.org/info/rfc6750",
        "primary": True,
    },
    {
        "type": "httpbasic",
        "name": "HTTP Basic",
        "description": "An operator who may use the provisioning doors.",
        "specUri": "https://www.rfc-editor.org/info/rfc7617",
    },
)
_CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def service_provider_config(site: Site) -> Answer:
    return Answer(
        200,
        {
            "schemas": [_CONFIG],
            "patch": {"supported": True},
            "bulk": {
                "supported": True,
                "maxOperations": bulk.MAX_OPERATIONS,
                "maxPayloadSize": bulk.MAX_PAYLOAD,
            },
            # Filters are answered in pages: nothing is cut off at a maximum.
            "filter": {"supported": True, "maxResults": MAX_COUNT},
            "changePassword": {"supported": True},
            "sort": {"supported": True},
            "etag": {"supported": True},
            "pagination": {
                "cursor": True,
                "index": True,
                "defaultPaginationMethod": "index",
                "defaultPageSize": DEFAULT_COUNT,
                "maxPageSize": MAX_COUNT,
                "cursorTimeout": TIMEOUT,
            },
            "authenticationSchemes": list(AUTHENTICATION_SCHEMES),
            "meta": _meta(site, "ServiceProviderConfig", "ServiceProviderConfig"),
        },
    )


def schemas(tenant: Tenant, site: Site, urn: str = "") -> Answer:
    found = {
        urn: {**as_shown(document), "meta": _meta(site, "Schema", f"Schemas/{urn}")}
        for urn, document in definitions(tenant).items()
    }
    return _one_or_all(found, urn, "Schema")


def resource_types(tenant: Tenant, site: Site, name: str = "") -> Answer:
    types = (user_schema(tenant), group_schema())
    found = {schema.name: _resource_type(schema, site) for schema in types}
    return _one_or_all(found, name, "ResourceType")


def _resource_type(schema: ResourceSchema, site: Site) -> Json:
    body: Json = {
        "schemas": [_TYPE],
        "id": schema.name,
        "name": schema.name,
        "endpoint": f"/{schema.endpoint}",
        "description": f"{schema.name}s of the tenant",
        "schema": schema.core.urn,
        "meta": _meta(site, "ResourceType", f"ResourceTypes/{schema.name}"),
    }
    if schema.extensions:
        body["schemaExtensions"] = [
            {"schema": urn, "required": False} for urn in schema.extensions
        ]
    return body


def _one_or_all(found: dict[str, Json], key: str, kind: str) -> Answer:
    if not key:
        return Answer(
            200,
            {
                "schemas": [_LIST],
                "totalResults": len(found),
                "startIndex": 1,
                "itemsPerPage": len(found),
                "Resources": list(found.values()),
            },
        )
    if key not in found:
        raise not_found(f"{kind} {key[:120]}")
    return Answer(200, found[key])


def _meta(site: Site, resource_type: str, path: str) -> Json:
    return {"resourceType": resource_type, "location": f"{site.base}/{path}"}
