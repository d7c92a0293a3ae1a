"""`/ServiceProviderConfigs` and `/Schemas` (Core Schema 1.1): open to all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from idp import scim1
from idp.claim_places import CUSTOM, ENTERPRISE
from idp.models import Tenant
from idp.scim1 import CORE, ENTERPRISE_1, WSO2
from provisioning.inbound.scim2 import bulk
from provisioning.inbound.scim2.discovery import AUTHENTICATION_SCHEMES
from provisioning.inbound.scim2.errors import not_found
from provisioning.inbound.scim2.messages import Answer
from provisioning.inbound.scim2.rendering import Site
from provisioning.inbound.scim2.schema import CORE_GROUP, CORE_USER, as_shown, definitions
from provisioning.inbound.scim2.searching import MAX_COUNT
from provisioning.inbound.scim2.values import Json
from provisioning.inbound.scim11.schema import UNTOLD
from provisioning.inbound.scim11.words import child_of

_YES = {"supported": True}


def service_provider_config(site: Site) -> Answer:
    return Answer(
        200,
        {
            "schemas": [CORE],
            "patch": _YES,
            "bulk": {
                **_YES,
                "maxOperations": bulk.MAX_OPERATIONS,
                "maxPayloadSize": bulk.MAX_PAYLOAD,
            },
            # Filters are answered in pages: nothing is cut off at a maximum.
            "filter": {**_YES, "maxResults": MAX_COUNT},
            "changePassword": _YES,
            "sort": _YES,
            "etag": _YES,
            "xmlDataFormat": _YES,
            "authenticationSchemes": [
                {("specUrl" if k == "specUri" else k): v for k, v in scheme.items()}
                for scheme in AUTHENTICATION_SCHEMES
            ],
            "meta": {"location": f"{site.base}/ServiceProviderConfigs"},
        },
    )


def schemas(tenant: Tenant) -> Answer:
    found = [_users(tenant), _groups(tenant)]
    return Answer(
        200,
        {
            "schemas": [CORE],
            "totalResults": len(found),
            "itemsPerPage": len(found),
            "startIndex": 1,
            "Resources": found,
        },
    )


def schema(tenant: Tenant, name: str) -> Answer:
    """By the name of its endpoint (`Users`), its own (`User`) or its id."""
    for found in (_users(tenant), _groups(tenant)):
        if name.lower() in (
            found["name"].lower(),
            f"{found['name']}s".lower(),
            found["id"].lower(),
        ):
            return Answer(200, found)
    raise not_found(f"Schema {name[:120]}")


def _users(tenant: Tenant) -> Json:
    """Attributes of extensions stand beside the core's, each with its schema."""
    found = definitions(tenant)
    attributes = [*_COMMON, *_attributes(found[CORE_USER], CORE)]
    for urn, document in found.items():
        if urn == ENTERPRISE:
            attributes += _attributes(document, ENTERPRISE_1)
            attributes += _attributes(document, WSO2)
            attributes += _of_wso2(found[CUSTOM])
        elif urn not in (CORE_USER, CORE_GROUP):
            attributes += _attributes(document, urn)
    return _schema("User", attributes)


def _groups(tenant: Tenant) -> Json:
    document = definitions(tenant)[CORE_GROUP]
    return _schema("Group", [*_COMMON, *_attributes(document, CORE)])


def _schema(name: str, attributes: list[Json]) -> Json:
    return {
        "schemas": [CORE],
        "id": f"{CORE}:{name}",
        "name": name,
        "description": f"{name}s of the tenant",
        "schema": CORE,
        "endpoint": f"/{name}s",
        "attributes": attributes,
    }


def _of_wso2(custom: Json) -> Iterator[Json]:
    for attribute in _attributes(custom, WSO2):
        name = attribute["name"]
        if scim1.place_of(f"{WSO2}:{name}") == f"{CUSTOM}:{name}":
            yield attribute


def _attributes(document: Json, urn: str) -> Iterator[Json]:
    for entry in as_shown(document)["attributes"]:
        attribute = {**_attribute(entry), "schema": urn}
        if entry["multiValued"]:
            attribute["multiValuedAttributeChildName"] = child_of(entry["name"])
        subs = []
        for sub in entry.get("subAttributes", ()):
            path = f"{document['id']}:{entry['name']}.{sub['name']}"
            name = scim1.name_of(path).rpartition(".")[2]
            if name != UNTOLD:
                subs.append({**_attribute(sub), "name": name})
        yield {**attribute, "subAttributes": subs} if subs else attribute


def _attribute(entry: Json) -> Json:
    shown: dict[str, Any] = {
        "name": entry["name"],
        "type": "string" if entry["type"] == "reference" else entry["type"],
        "multiValued": entry["multiValued"],
        "description": entry["description"],
        "readOnly": entry.get("mutability") == "readOnly",
        "required": entry.get("required", False),
        "caseExact": entry.get("caseExact", False),
    }
    if entry.get("canonicalValues"):
        shown["canonicalValues"] = entry["canonicalValues"]
    return shown


def _common(name: str, description: str, *, read_only: bool) -> Json:
    return {
        "name": name,
        "type": "string",
        "multiValued": False,
        "description": description,
        "readOnly": read_only,
        "required": read_only,
        "caseExact": True,
        "schema": CORE,
    }


_COMMON = (
    _common("id", "What it is known by here; never used again.", read_only=True),
    _common("externalId", "What the client knows it by.", read_only=False),
)
