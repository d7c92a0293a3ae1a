"""PATCH of a user (RFC 7644 §3.5.2), on the canonical document with its columns beside it.

A *draft* is the user as a client sees what can be written: the attributes of the document,
`userName`, `externalId`, `active`, and `password` when it is to be set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioning.inbound.scim2 import places, selections
from provisioning.inbound.scim2.errors import ScimError, invalid_value, read_only
from provisioning.inbound.scim2.operations import Operation
from provisioning.inbound.scim2.places import PatchPath, Place
from provisioning.inbound.scim2.schema import Attribute, ResourceSchema
from provisioning.inbound.scim2.values import coerce, coerce_element

Draft = dict[str, Any]


def apply(
    schema: ResourceSchema,
    draft: Draft,
    operations: Iterable[Operation],
    *,
    strict: bool = False,
) -> None:
    """Apply the operations in order to a draft that is the caller's own copy."""
    for operation in operations:
        for step, path in _targets(schema, operation, strict):
            apply_at(draft, step, path, strict)


def _targets(
    schema: ResourceSchema, operation: Operation, strict: bool
) -> Iterator[tuple[Operation, PatchPath]]:
    """The operation with its path; without one, one for each attribute in the value.

    Keys of a value may be paths themselves (Entra: "name.givenName"). Unknown and
    read-only ones are passed over, as in a POST.
    """
    if operation.path:
        path = places.patch_path(schema, operation.path)
        if path.extension:
            yield from _targets_within(schema, operation, path, strict)
        else:
            yield operation, path
        return
    yield from _named_targets(schema, operation, operation.value, "", strict)


def _targets_within(
    schema: ResourceSchema, operation: Operation, path: PatchPath, strict: bool
) -> Iterator[tuple[Operation, PatchPath]]:
    """A whole extension: each attribute of the value, or all there is to remove."""
    if operation.op == "remove":
        yield operation, path
        return
    if not isinstance(operation.value, Mapping):
        raise invalid_value(path.extension, "takes an object.")
    yield from _named_targets(schema, operation, operation.value, f"{path.extension}:", strict)


def _named_targets(
    schema: ResourceSchema,
    operation: Operation,
    values: Mapping[str, Any],
    prefix: str,
    strict: bool,
) -> Iterator[tuple[Operation, PatchPath]]:
    for name, value in values.items():
        step = Operation(operation.op, prefix + name, value, has_value=True)
        try:
            path = places.patch_key(schema, name, prefix, strict=strict)
        except ScimError:
            if strict:
                raise
            continue
        if path.extension:
            yield from _targets_within(schema, step, path, strict)
        elif path.place and path.place.attribute.is_written:
            yield step, path


def apply_at(draft: Draft, operation: Operation, path: PatchPath, strict: bool) -> None:
    """One operation whose path is known."""
    place = path.place
    if place is None:
        draft.pop(path.extension, None)
        return
    attribute = place.attribute
    if attribute.name == "schemas" and not strict:
        return
    if not attribute.is_written or not place.target.is_written:
        raise read_only(place.path)
    holder = draft.setdefault(place.urn, {}) if place.urn else draft
    if attribute.multi and attribute.is_complex:
        selections.change(holder, operation, path, strict)
    elif operation.op == "remove" and not attribute.multi:
        _remove(holder, place)
    else:
        _change(holder, operation, place, strict)
    if place.urn and not holder:
        del draft[place.urn]


def _remove(holder: Draft, place: Place) -> None:
    attribute = place.attribute
    if place.sub is None:
        if attribute.required:
            raise ScimError(400, f"{place.path} is required.", "mutability")
        if attribute.returned == "never":
            raise invalid_value(place.path, "cannot be removed; set it to another value.")
        holder.pop(attribute.name, None)
        return
    inner = holder.get(attribute.name)
    if inner is not None:
        inner.pop(place.sub.name, None)
        if not inner:
            del holder[attribute.name]


def _change(holder: Draft, operation: Operation, place: Place, strict: bool) -> None:
    """Simple attributes, single complex ones, and lists of simple values."""
    attribute = place.attribute
    if place.sub is not None:
        _merge(holder, attribute, {place.sub.name: operation.value}, strict)
    elif attribute.is_complex and isinstance(operation.value, Mapping):
        _merge(holder, attribute, operation.value, strict)
    elif attribute.multi or isinstance(holder.get(attribute.name), list):
        _change_list(holder, operation, attribute, strict)
    else:
        value = coerce(attribute, operation.value, strict=strict)
        if value is None:
            _remove(holder, place)
        else:
            holder[attribute.name] = value


def _merge(holder: Draft, attribute: Attribute, value: Mapping[str, Any], strict: bool) -> None:
    """Set the sub-attributes given, leave the others; null takes one away."""
    inner = dict(holder.get(attribute.name) or {})
    for name, given in value.items():
        sub = attribute.sub(name)
        if sub is None and strict:
            raise invalid_value(attribute.path, f"has no sub-attribute {name[:80]!r}.")
        if sub is None or not sub.is_written:
            continue
        taken = coerce(sub, given, strict=strict)
        if taken is None:
            inner.pop(sub.name, None)
        else:
            inner[sub.name] = taken
    if inner:
        holder[attribute.name] = inner
    else:
        holder.pop(attribute.name, None)


def _change_list(
    holder: Draft, operation: Operation, attribute: Attribute, strict: bool
) -> None:
    """A list of simple values (the custom extension has some)."""
    given = operation.value if isinstance(operation.value, list) else [operation.value]
    values = [coerce_element(attribute, entry, strict=strict) for entry in given]
    present = holder.get(attribute.name) or []
    present = present if isinstance(present, list) else [present]
    if operation.op == "add":
        result = present + [v for v in values if v is not None and v not in present]
    elif operation.op == "replace":
        result = [v for v in values if v is not None]
    else:
        result = [v for v in present if operation.has_value and v not in values]
    if result:
        holder[attribute.name] = result
    else:
        holder.pop(attribute.name, None)
