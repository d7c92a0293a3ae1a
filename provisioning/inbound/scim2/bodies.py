"""What the bodies of a POST, PUT or partial resource tell, by the schema of their resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.inbound.scim2 import places
from provisioning.inbound.scim2.errors import invalid_syntax, invalid_value
from provisioning.inbound.scim2.places import Place
from provisioning.inbound.scim2.schema import ResourceSchema, Schema


def told(
    schema: ResourceSchema, body: Any, *, strict: bool = False
) -> Iterator[tuple[Place, Any]]:
    """The attributes of a body that a client may write, with their values as they came."""
    if not isinstance(body, Mapping):
        raise invalid_syntax("The body is not a JSON object.")
    if strict:
        check_schemas(body, schema.core.urn)
    for name, value in body.items():
        match places.of_text(schema, name):
            case Schema() as extension:
                yield from _told_within(schema, extension, name, value, strict)
            case Place() as place:
                if place.sub is None and place.attribute.is_written:
                    yield place, value
            case None if strict:
                raise invalid_syntax(f"There is no attribute {name[:80]!r}.")


def check_schemas(body: Mapping[str, Any], urn: str) -> None:
    """Raises `ScimError` (invalidSyntax) unless the body says that it is of that schema."""
    given = body.get("schemas")
    if not isinstance(given, list) or urn not in given:
        raise invalid_syntax(f"schemas: must name {urn}.")


def _told_within(
    schema: ResourceSchema, extension: Schema, urn: str, value: Any, strict: bool
) -> Iterator[tuple[Place, Any]]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise invalid_value(urn, "takes an object.")
    for name, given in value.items():
        place = places.find_in(schema, extension, name)
        if place is None and strict:
            raise invalid_value(urn, f"has no attribute {name[:80]!r}.")
        if place is not None and place.attribute.is_written:
            yield place, given
