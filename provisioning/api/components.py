"""The shapes in the OpenAPI document; those of bodies come from the configuration file's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from idp.authenticators import TYPES
from provisioning.api import (
    by_hand,
    dead_letters,
    explaining,
    jit_events,
    jobs,
    operating,
    redeeming,
    signing_up,
    telling,
)
from provisioning.api.configuring import BUDGET_NOW
from provisioning.api.groups import MEMBERS
from provisioning.api.shapes import (
    COUNT,
    FLAG,
    ID,
    MOMENT,
    NUMBER,
    TEXT,
    TEXTS,
    Shape,
    fixed,
    or_null,
    some,
)
from provisioning.configuration import single
from provisioning.configuration.authenticators import AuthenticatorSettings
from provisioning.configuration.nodes import (
    Flag,
    ListOf,
    Node,
    Number,
    Object,
    OneOf,
    Only,
    Table,
    Text,
)
from provisioning.configuration.values import (
    AllOrSome,
    Certificate,
    ClaimRow,
    ClaimValues,
    GroupSelection,
    MaintenanceWindows,
    RequestRate,
    Settings,
)

SECRETS = {"password", "client_secret", "secret"}


def shape_of(node: Node) -> Shape:
    """The schema of what a node takes."""
    make = _SHAPES.get(type(node))
    shape: Shape = make(node) if make else {}
    return shape


def _object(node: Object, *, whole: bool = True) -> Shape:
    shape: Shape = {
        "type": "object",
        "properties": {key: _property(key, inner) for key, inner in node.fields.items()},
        "additionalProperties": False,
    }
    if node.required and whole:
        shape["required"] = sorted(node.required)
    return shape


def _property(key: str, node: Node) -> Shape:
    shape = shape_of(node)
    return {**shape, "writeOnly": True} if key in SECRETS else shape


def _number(node: Number) -> Shape:
    kind = "integer" if node.whole else "number"
    return {"type": kind, "minimum": node.least, "maximum": 2**31 - 1}


def _claims(_: ClaimValues) -> Shape:
    value = {"anyOf": [TEXT, TEXTS, FLAG]}
    told = "By claim URI; an empty value takes the claim away"
    return {"type": "object", "additionalProperties": value, "description": told}


def _settings(_: Settings) -> Shape:
    value = {"anyOf": [TEXT, FLAG, {"type": "number"}], "nullable": True}
    told = "As the connector declares them; secrets are taken and never told"
    return {"type": "object", "additionalProperties": value, "description": told}


def _typed(kind: str, node: Object) -> Shape:
    """The settings of one type of authenticator; a secret is taken and never told."""
    shape = _object(node)
    properties = {**shape["properties"], "type": {"type": "string", "enum": [kind]}}
    for field in TYPES[kind]:
        if field.secret:
            properties[field.name] = {**properties[field.name], "writeOnly": True}
    return {**shape, "title": kind, "properties": properties}


_SHAPES: Mapping[type[Any], Callable[[Any], Shape]] = {
    Only: lambda node: shape_of(node.node),
    Object: lambda node: _object(node),
    Table: lambda node: {"type": "array", "items": shape_of(node.entry)},
    ListOf: lambda node: {"type": "array", "items": shape_of(node.item)},
    OneOf: lambda node: {"type": "string", "enum": [c for c in node.choices if c]},
    Text: lambda node: TEXT if node.blank else {**TEXT, "minLength": 1},
    Flag: lambda _: FLAG,
    Number: _number,
    RequestRate: lambda _: _number(Number(whole=False)),
    Certificate: lambda _: {**TEXT, "description": "PEM; several one after another"},
    ClaimValues: _claims,
    Settings: _settings,
    AuthenticatorSettings: lambda node: {
        "anyOf": [_typed(kind, shape) for kind, shape in node.of_type.items()]
    },
    AllOrSome: lambda node: {
        "anyOf": [
            {"type": "string", "enum": ["all"]},
            {"type": "array", "minItems": 1, "items": {"type": "string", "enum": node.words}},
        ]
    },
    GroupSelection: lambda _: {"anyOf": [{"type": "string", "enum": ["all", "none"]}, TEXTS]},
    ClaimRow: lambda node: shape_of(node.shape),
    MaintenanceWindows: lambda node: {"type": "array", "items": shape_of(node.row)},
}
"""By kind of node; one that is not here takes anything."""


def told(kind: single.Kind, /, **more: Shape) -> Shape:
    """What is told of an entry: its keys without secrets, and what only we know."""
    properties = _object(single.node_of(kind))["properties"]
    shown = {k: v for k, v in properties.items() if not v.get("writeOnly")}
    shown.pop("withdraw", None)
    only_told = {key: {**shape, "readOnly": True} for key, shape in more.items()}
    return {"type": "object", "required": ["id"], "properties": {**only_told, **shown}}


def ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def _entries() -> dict[str, Shape]:
    stamps = {"created": MOMENT, "modified": MOMENT, "version": COUNT}
    health = {"failing_since": or_null(MOMENT), "last_success": or_null(MOMENT)}
    shapes = {
        "IdentityProvider": told("identity_providers", id=ID),
        "ServiceProvider": told("service_providers", id=ID),
        "Connector": told(
            "connectors",
            id=ID,
            identity_provider=TEXT,
            budget_now=BUDGET_NOW,
            eta_seconds=or_null(NUMBER),
        ),
        "Policy": told("policies", id=ID),
        "Webhook": told("webhooks", id=ID, disabled_because=TEXT, **health),
        "Recipient": told("notifications", id=ID),
        "User": told("users", id=ID, active=FLAG, **stamps),
        "Group": told("groups", id=ID, kind=TEXT, member_count=COUNT, **stamps),
    }
    kinds = (
        "identity_providers",
        "service_providers",
        "connectors",
        "policies",
        "webhooks",
        "notifications",
        "users",
        "groups",
    )
    for name, kind in zip(list(shapes), kinds, strict=True):
        node = single.node_of(kind)
        if kind == "groups":
            node = Object({**node.fields, **MEMBERS.fields}, node.required)
        shapes[f"New{name}"] = _object(node)
        shapes[f"Changed{name}"] = _object(node, whole=False)
    new = shapes["NewConnector"]
    new["properties"] = {"identity_provider": TEXT, **new["properties"]}
    new["required"] = ["identity_provider", *new["required"]]
    return shapes


def all_shapes() -> dict[str, Shape]:
    shapes = {**_entries(), **_bodies(), **_answers()}
    for view in (
        jobs,
        operating,
        by_hand,
        dead_letters,
        jit_events,
        redeeming,
        signing_up,
        telling,
        explaining,
    ):
        shapes |= view.SHAPES
    return shapes


def _bodies() -> dict[str, Shape]:
    return {
        "Choice": shape_of(jobs.CHOICE),
        "Skipping": shape_of(jobs.SKIPPING),
        "Reason": shape_of(jobs.REASON),
        "DeadLettersNamed": shape_of(dead_letters.NAMED),
    }


def _answers() -> dict[str, Shape]:
    member = fixed(id=ID, username=TEXT)
    link = or_null({"type": "string", "format": "uri"})
    return {
        "MemberPage": fixed(
            count=COUNT,
            count_exact=FLAG,
            next=link,
            previous=link,
            results={"type": "array", "items": member},
        ),
        "Problem": some(
            ["type", "title", "status", "detail"],
            type=TEXT,
            title=TEXT,
            status=COUNT,
            detail=TEXT,
            errors={"type": "array", "items": fixed(field=TEXT, detail=TEXT)},
        ),
    }
