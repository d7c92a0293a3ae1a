"""The attributes of users and groups, as the schemas declare them (RFC 7643 §4, §7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from idp.claim_places import CUSTOM, At
from idp.claim_table import TABLE

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
    """The attributes under one urn. An open schema takes attributes nobody declared."""

    urn: str
    attributes: Mapping[str, Attribute] = field(hash=False)
    is_open: bool = False

    def find(self, name: str) -> Attribute | None:
        found = self.attributes.get(name.lower())
        if found is None and self.is_open:
            return Attribute(name, f"{self.urn}:{name}", type="any")
        return found


@dataclass(frozen=True, slots=True)
class ResourceSchema:
    """A resource type: its core schema and the extensions, by urn."""

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


@lru_cache(maxsize=1)
def definitions() -> dict[str, Json]:
    """The schema documents that `/Schemas` shows, by urn (RFC 7643 §8.7)."""
    from scim2_models import Context, EnterpriseUser, Group, User

    models = (User, Group, EnterpriseUser)
    documents = [
        model.to_schema().model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
        for model in models
    ]
    return {document["id"]: _as_served(document) for document in documents} | {
        CUSTOM: _custom_definition()
    }


@lru_cache(maxsize=1)
def user_schema() -> ResourceSchema:
    defined = definitions()
    extensions = {
        ENTERPRISE: _schema(defined[ENTERPRISE], prefix=f"{ENTERPRISE}:"),
        CUSTOM: _custom_schema(),
    }
    return ResourceSchema("User", "Users", _schema(defined[CORE_USER]), extensions)


@lru_cache(maxsize=1)
def passing_user_schema() -> ResourceSchema:
    """For users who are sent onward and not stored: their groups are what requests say."""
    stored = user_schema()
    groups = stored.core.attributes["groups"]
    subs = {key: replace(sub, mutability="readWrite") for key, sub in groups.subs.items()}
    written = replace(groups, mutability="readWrite", subs=subs)
    core = replace(stored.core, attributes={**stored.core.attributes, "groups": written})
    return replace(stored, core=core)


@lru_cache(maxsize=1)
def group_schema() -> ResourceSchema:
    return ResourceSchema("Group", "Groups", _schema(definitions()[CORE_GROUP]))


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


def _custom_schema() -> Schema:
    """Open: a text, or a list of texts, under any name."""
    declared = (Attribute(name, f"{CUSTOM}:{name}", type="any") for name in _custom_names())
    return Schema(CUSTOM, {a.name.lower(): a for a in declared}, is_open=True)


def _custom_definition() -> Json:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": CUSTOM,
        "name": "Custom",
        "description": "Attributes of local claims that have no place in the standard schemas.",
        "attributes": [
            {
                "name": name,
                "type": "string",
                "multiValued": False,
                "description": "The value of a local claim.",
                "required": False,
                "caseExact": False,
                "mutability": "readWrite",
                "returned": "default",
                "uniqueness": "none",
            }
            for name in _custom_names()
        ],
    }
