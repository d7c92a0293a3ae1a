"""Attribute paths bound to the schema of a resource (RFC 7644 §3.10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from provisioning.inbound.scim2.errors import ScimError, invalid_path
from provisioning.inbound.scim2.schema import Attribute, ResourceSchema, Schema

if TYPE_CHECKING:
    from scim2_models.path import AttrPath, FilterNode

MAX_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class Place:
    """An attribute, or with `sub` one of its sub-attributes; `urn` only for extensions."""

    attribute: Attribute
    sub: Attribute | None = None
    urn: str = ""

    @property
    def target(self) -> Attribute:
        return self.sub or self.attribute

    @property
    def path(self) -> str:
        """As clients write it."""
        return self.target.path

    @property
    def key(self) -> str:
        """As look-ups know it, whatever a version of SCIM calls it."""
        name = f"{self.urn}:{self.attribute.name}" if self.urn else self.attribute.name
        return f"{name}.{self.sub.name}" if self.sub else name

    def container(self, resource: Mapping[str, Any]) -> Mapping[str, Any]:
        """What holds the attribute: the resource, or its extension object."""
        return resource.get(self.urn) or {} if self.urn else resource

    def read(self, resource: Mapping[str, Any]) -> Any:
        """The value; a list for multi-valued attributes and for sub-attributes of them."""
        value = self.container(resource).get(self.attribute.name)
        if self.sub is None or value is None:
            return value
        if isinstance(value, list):
            return [entry[self.sub.name] for entry in value if self.sub.name in entry]
        return value.get(self.sub.name)


@dataclass(frozen=True, slots=True)
class PatchPath:
    """Where a PATCH operation points: a place, a selection of values, or a whole extension."""

    text: str
    place: Place | None = None
    selection: FilterNode | None = None
    extension: str = ""


def find(
    schema: ResourceSchema, name: str, sub_name: str | None = None, uri: str | None = None
) -> Place | None:
    """The place an attribute path names, None when the schema has no such attribute."""
    home = schema.core if uri is None else schema.schema(uri)
    place = find_in(schema, home, name) if home else None
    if place is None or sub_name is None:
        return place
    sub = place.attribute.sub(sub_name)
    return Place(place.attribute, sub, place.urn) if sub else None


def find_in(schema: ResourceSchema, home: Schema, name: str) -> Place | None:
    """The attribute of that name in one of the schemas of a resource type."""
    attribute = home.find(name)
    if attribute is None:
        return None
    urn = "" if home is schema.core else home.urn
    return Place(attribute, urn=urn if attribute.home is None else attribute.home)


def of_path(schema: ResourceSchema, path: AttrPath) -> Place | None:
    return find(schema, path.attr, path.sub_attr, path.uri)


def of_text(schema: ResourceSchema, text: str) -> Place | Schema | None:
    """What a plain attribute path names: a place, or the extension whose urn it is."""
    whole = schema.schema(text)
    if whole is not None:
        return whole
    uri, colon, rest = text.rpartition(":")
    name, dot, sub_name = rest.partition(".")
    return find(schema, name, sub_name if dot else None, uri if colon else None)


@lru_cache(maxsize=1024)
def patch_path(schema: ResourceSchema, text: str) -> PatchPath:
    """The path of a PATCH operation. Raises `ScimError` (invalidPath)."""
    if len(text) > MAX_LENGTH:
        raise invalid_path(text, "is too long.")
    plain = of_text(schema, text)
    if isinstance(plain, Schema):
        return PatchPath(text, extension=plain.urn)
    if plain is not None:
        return PatchPath(text, plain)
    return _selecting_path(schema, text)


def patch_key(
    schema: ResourceSchema, name: str, prefix: str = "", *, strict: bool
) -> PatchPath:
    """The path that a key of a value is, in an operation without one.

    Strict: it names an attribute or an extension (RFC 7644 §3.5.2.1). Raises `ScimError`.
    """
    path = patch_path(schema, prefix + name)
    plain = bool(path.extension) or not set(name) & set(".:[")
    if strict and not plain:
        raise invalid_path(name, "a key of a value is the name of an attribute, not a path.")
    return path


def _selecting_path(schema: ResourceSchema, text: str) -> PatchPath:
    from scim2_models import Path, SCIMException
    from scim2_models.path import AttrPath, ValuePath

    try:
        node = Path(text).ast
    except (SCIMException, ValueError) as error:
        raise invalid_path(text, "cannot be read.") from error
    if isinstance(node, ValuePath):
        place = find(schema, node.attr_path.attr, node.sub_attr, node.attr_path.uri)
        if place is None:
            raise invalid_path(text, "names an unknown attribute.")
        if not (place.attribute.multi and place.attribute.is_complex):
            raise invalid_path(text, "selects values of an attribute that has only one.")
        return PatchPath(text, place, node.val_filter)
    if isinstance(node, AttrPath):
        raise invalid_path(text, "names an unknown attribute.")
    raise ScimError(400, f"path {text[:200]!r} is a condition, not a path.", "invalidPath")
