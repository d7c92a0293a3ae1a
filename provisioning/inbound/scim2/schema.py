"""The attributes of users and groups, as the schemas declare them (RFC 7643 §4, §7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from idp import local_claims
from idp.claim_places import CUSTOM, At
from idp.claim_table import TABLE
from idp.local_claims import OwnClaims
from idp.models import LocalClaim, Tenant

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; `path` is how a filter or an error message writes it."""

    name: str
    path: str
    type: str = "string"
    multi: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    subs: Mapping[str, Attribute] = field(default_factory=dict, hash=False)
    home: str | None = None
    """The urn it is kept under, where that is not its schema's."""

    @property
    def is_complex(self) -> bool:
        return self.type == "complex"

    @property
    def is_written(self) -> bool:
        return self.mutability != "readOnly"

    def sub(self, name: str) -> Attribute | None:
        return self.subs.get(name.lower())


@dataclass(frozen=True, slots=True)
class Schema:
    """The attributes under one urn, the one they are kept under in a user's document."""

    urn: str
    attributes: Mapping[str, Attribute] = field(hash=False)

    def find(self, name: str) -> Attribute | None:
        return self.attributes.get(name.lower())


@dataclass(frozen=True, slots=True, eq=False)
class ResourceSchema:
    """A resource type: its core schema and the extensions, by the urn that clients say.

    Equal only to itself.
    """

    name: str
    endpoint: str
    core: Schema
    extensions: Mapping[str, Schema] = field(default_factory=dict, hash=False)

    def schema(self, urn: str) -> Schema | None:
        if urn.lower() == self.core.urn.lower():
            return self.core
        return next((s for u, s in self.extensions.items() if u.lower() == urn.lower()), None)

    def written(self) -> Iterator[Attribute]:
        yield from (a for a in self.core.attributes.values() if a.is_written)


_COMMON = (
    Attribute("id", "id", case_exact=True, mutability="readOnly", returned="always"),
    Attribute("externalId", "externalId", case_exact=True),
    Attribute(
        "schemas", "schemas", "reference", multi=True, case_exact=True, returned="always"
    ),
    Attribute(
        "meta",
        "meta",
        "complex",
        mutability="readOnly",
        subs={
            name.lower(): Attribute(name, f"meta.{name}", kind, case_exact=True)
            for name, kind in (
                ("resourceType", "string"),
                ("created", "dateTime"),
                ("lastModified", "dateTime"),
                ("location", "reference"),
                ("version", "string"),
            )
        },
    ),
)


def definitions(tenant: Tenant) -> Mapping[str, Json]:
    """The schema documents that `/Schemas` shows, by urn (RFC 7643 §8.7)."""
    return _defined(local_claims.own_claims(tenant))


def user_schema(tenant: Tenant) -> ResourceSchema:
    """Users with the attributes of the tenant's own claims; the same value while they last."""
    return schema_with(local_claims.own_claims(tenant))


@lru_cache(maxsize=1)
def _standard() -> Mapping[str, Json]:
    from scim2_models import Context, EnterpriseUser, Group, User

    models = (User, Group, EnterpriseUser)
    documents = [
        model.to_schema().model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
        for model in models
    ]
    return {document["id"]: _as_served(document) for document in documents}


@lru_cache(maxsize=512)
def _defined(own: OwnClaims) -> Mapping[str, Json]:
    attributes: dict[str, list[Json]] = {CUSTOM: [_built_in(n) for n in _custom_names()]}
    for claim in own.rows:
        urn, name = local_claims.split_path(claim.path)
        attributes.setdefault(urn, []).append(_own(name, claim))
    extensions = {urn: _extension(urn, listed) for urn, listed in attributes.items()}
    return {**_standard(), **extensions}


@lru_cache(maxsize=512)
def schema_with(own: OwnClaims) -> ResourceSchema:
    defined = _defined(own)
    extensions = {
        urn: _schema(document, prefix=f"{urn}:")
        for urn, document in defined.items()
        if urn not in (CORE_USER, CORE_GROUP)
    }
    return ResourceSchema("User", "Users", _schema(defined[CORE_USER]), extensions)


@lru_cache(maxsize=512)
def passing(stored: ResourceSchema) -> ResourceSchema:
    """For users who are sent onward and not stored: their groups are what requests say."""
    groups = stored.core.attributes["groups"]
    subs = {key: replace(sub, mutability="readWrite") for key, sub in groups.subs.items()}
    written = replace(groups, mutability="readWrite", subs=subs)
    core = replace(stored.core, attributes={**stored.core.attributes, "groups": written})
    return replace(stored, core=core)


@lru_cache(maxsize=1)
def group_schema() -> ResourceSchema:
    return ResourceSchema("Group", "Groups", _schema(_standard()[CORE_GROUP]))


def _schema(document: Json, prefix: str = "") -> Schema:
    declared = [_attribute(entry, prefix) for entry in document["attributes"]]
    common = () if prefix else _COMMON
    return Schema(document["id"], {a.name.lower(): a for a in (*common, *declared)})


def _attribute(entry: Json, prefix: str) -> Attribute:
    path = prefix + entry["name"]
    subs = [_attribute(sub, f"{path}.") for sub in entry.get("subAttributes", ())]
    return Attribute(
        name=entry["name"],
        path=path,
        type=entry["type"],
        multi=entry["multiValued"],
        required=entry.get("required", False),
        case_exact=entry.get("caseExact", False),
        mutability=entry.get("mutability", "readWrite"),
        returned=entry.get("returned", "default"),
        subs={sub.name.lower(): sub for sub in subs},
    )


def _as_served(document: Json) -> Json:
    """The published schema with what this server does differently."""
    for attribute in document["attributes"]:
        attribute["description"] = " ".join(attribute.get("description", "").split())
        for sub in attribute.get("subAttributes", ()):
            sub["description"] = " ".join(sub.get("description", "").split())
    if document["id"] == CORE_GROUP:
        _change(document, "members.type", canonicalValues=["User"])
        _change(document, "members.$ref", referenceTypes=["User"])
        _change(document, "members.display", mutability="readOnly")
    elif document["id"] == CORE_USER:
        # It always has a value, so it cannot be removed; a POST may leave it out all the same.
        _change(document, "active", required=True)
    else:
        _change(document, "manager.value", required=False)
        _change(document, "manager.$ref", required=False)
    return document


def _change(document: Json, path: str, **changes: Any) -> None:
    name, _, sub = path.partition(".")
    found = next(a for a in document["attributes"] if a["name"] == name)
    if sub:
        found = next(s for s in found["subAttributes"] if s["name"] == sub)
    found.update(changes)


def _custom_names() -> list[str]:
    """The attributes that local claims have in the custom extension."""
    places = (claim.place for claim in TABLE)
    return sorted({p.path[1] for p in places if isinstance(p, At) and p.path[0] == CUSTOM})


def _extension(urn: str, attributes: list[Json]) -> Json:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": urn,
        "name": "Custom" if urn == CUSTOM else urn.split(":")[-1],
        "description": "Attributes of claims that have no place in the standard schemas.",
        "attributes": attributes,
    }


def _built_in(name: str) -> Json:
    return _simple(name, "any", multi=False, description="The value of a local claim.")


def _own(name: str, claim: LocalClaim) -> Json:
    description = claim.description or claim.display_name or claim.uri
    return _simple(name, claim.type, multi=claim.multivalued, description=description)


def _simple(name: str, kind: str, *, multi: bool, description: str) -> Json:
    return {
        "name": name,
        "type": kind,
        "multiValued": multi,
        "description": description,
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    }


def as_shown(document: Json) -> Json:
    """As `/Schemas` serves it: built-in custom attributes hold a text, or a list of texts."""
    shown = deepcopy(document)
    for attribute in shown["attributes"]:
        if attribute["type"] == "any":
            attribute["type"] = "string"
    return shown
