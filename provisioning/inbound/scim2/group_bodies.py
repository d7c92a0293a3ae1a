"""Groups between SCIM JSON and `GroupData`. Members are not loaded to change some of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from idp.models import Group
from idp.queries import Member
from provisioning.changes import GroupData
from provisioning.inbound.scim2 import bodies, filters, places
from provisioning.inbound.scim2.errors import ScimError, invalid_value, read_only
from provisioning.inbound.scim2.operations import Operation
from provisioning.inbound.scim2.places import PatchPath, Place
from provisioning.inbound.scim2.rendering import Site, head
from provisioning.inbound.scim2.schema import (
    CORE_GROUP,
    Attribute,
    ResourceSchema,
    group_schema,
)
from provisioning.inbound.scim2.values import Json, coerce

if TYPE_CHECKING:
    from scim2_models.path import FilterNode

NAME_LENGTH = 255
Ids = dict[uuid.UUID, None]
LoadMembers = Callable[[], Iterable[Member]]


def read_body(schema: ResourceSchema, body: Any, *, strict: bool = False) -> GroupData:
    """What a POST or PUT describes; `members` is None when it says nothing of them."""
    told = bodies.told(schema, body, strict=strict)
    given = {place.attribute.name: value for place, value in told}
    members = given.get("members")
    return GroupData(
        name=_text("displayName", given.get("displayName"), strict),
        external_id=_text("externalId", given.get("externalId"), strict),
        members=None if members is None else tuple(member_ids(members, strict=strict)),
    )


def _text(name: str, value: Any, strict: bool) -> str:
    """A name or external id as it is to be stored; an external id may be empty."""
    attribute = group_schema().core.find(name)
    text = "" if attribute is None else coerce(attribute, value, strict=strict) or ""
    if name == "displayName" and not text.strip():
        raise invalid_value(name, "is required.")
    if len(text) > NAME_LENGTH:
        raise invalid_value(name, f"takes at most {NAME_LENGTH} characters.")
    return str(text)


def member_ids(value: Any, *, strict: bool = False) -> Ids:
    """The user ids of a list of members, each once. Raises `ScimError` naming members."""
    if not isinstance(value, list):
        if strict:
            raise invalid_value("members", "takes a list of values.")
        value = [value]
    return dict.fromkeys(_member_id(entry) for entry in value)


def _member_id(entry: Any) -> uuid.UUID:
    given: Any = entry
    if isinstance(entry, Mapping):
        members = {key.lower(): found for key, found in entry.items()}
        if str(members.get("type") or "User").lower() == "group":
            raise invalid_value("members", "groups within groups are not supported.")
        given = members.get("value")
    if not isinstance(given, str):
        raise invalid_value("members", "every member needs the id of a user as its value.")
    try:
        return uuid.UUID(given)
    except ValueError as error:
        raise invalid_value("members", f"there is no user {given[:80]!r}.") from error


@dataclass(slots=True)
class GroupEdit:
    """What the operations of a PATCH come to, in order, without knowing the members."""

    load_members: LoadMembers
    strict: bool = False
    name: str | None = None
    external_id: str | None = None
    emptied: bool = False
    added: Ids = field(default_factory=dict)
    removed: Ids = field(default_factory=dict)

    def data(self) -> GroupData:
        if self.emptied:
            return GroupData(self.name, self.external_id, members=tuple(self.added))
        return GroupData(
            self.name, self.external_id, add=tuple(self.added), remove=tuple(self.removed)
        )

    def apply(self, operation: Operation) -> None:
        if operation.path:
            self._apply_at(operation, places.patch_path(group_schema(), operation.path))
            return
        for name, value in operation.value.items():
            step = Operation(operation.op, name, value, has_value=True)
            try:
                path = places.patch_key(group_schema(), name, strict=self.strict)
            except ScimError:
                if self.strict:
                    raise
                continue
            if path.place and path.place.attribute.is_written:
                self._apply_at(step, path)

    def _apply_at(self, operation: Operation, path: PatchPath) -> None:
        attribute = path.place.attribute if path.place else None
        if path.place is None or attribute is None or attribute.name == "schemas":
            return
        if not attribute.is_written:
            raise read_only(attribute.path)
        if attribute.name == "members":
            self._members(operation, path, path.place)
        elif attribute.name == "displayName":
            self._rename(operation)
        else:
            value = None if operation.op == "remove" else operation.value
            self.external_id = _text("externalId", value, self.strict)

    def _rename(self, operation: Operation) -> None:
        if operation.op == "remove":
            raise ScimError(400, "displayName is required.", "mutability")
        self.name = _text("displayName", operation.value, self.strict)

    def _members(self, operation: Operation, path: PatchPath, place: Place) -> None:
        if place.sub is not None:
            raise read_only(place.path)
        if path.selection is not None:
            self._selected(operation, path.selection, place.attribute)
        elif operation.op == "add":
            self._add(member_ids(operation.value or [], strict=self.strict))
        elif operation.op == "replace":
            self._empty()
            self._add(member_ids(operation.value or [], strict=self.strict))
        elif operation.names_what_goes:
            self._remove(member_ids(operation.value, strict=self.strict))
        else:
            self._empty()

    def _selected(
        self, operation: Operation, selection: FilterNode, attribute: Attribute
    ) -> None:
        """`members[value eq "…"]`: the usual way to remove one; added, it is that user."""
        named = ids_named(selection)
        if operation.op == "add":
            if named is None:
                raise ScimError(400, "members: the path names no user to add.", "noTarget")
            self._add(dict.fromkeys(named))
            return
        if named is None:
            named = list(self._matching(selection, attribute))
        self._remove(dict.fromkeys(named))
        if operation.op == "replace":
            self._add(member_ids(operation.value or [], strict=self.strict))

    def _matching(self, selection: FilterNode, attribute: Attribute) -> Iterator[uuid.UUID]:
        """Any other selection has to look at the members."""
        term = filters.bind(selection, filters.within(attribute))
        for member in () if self.emptied else self.load_members():
            if term.matches(render_member(member, Site(""))):
                yield member.id

    def _add(self, ids: Ids) -> None:
        self.added |= ids
        for member in ids:
            self.removed.pop(member, None)

    def _remove(self, ids: Ids) -> None:
        for member in ids:
            self.added.pop(member, None)
        if not self.emptied:
            self.removed |= ids

    def _empty(self) -> None:
        self.emptied = True
        self.added, self.removed = {}, {}


def ids_named(selection: FilterNode) -> list[uuid.UUID] | None:
    """The ids of `value eq "…" or value eq "…"`; None for any other selection."""
    from scim2_models.path import Comparison, LogicalExpr

    if isinstance(selection, LogicalExpr) and selection.op == "or":
        parts = [ids_named(term) for term in selection.terms]
        if any(part is None for part in parts):
            return None
        return [member for part in parts for member in part or ()]
    if not isinstance(selection, Comparison) or selection.op != "eq":
        return None
    if selection.attr_path.attr.lower() != "value" or not isinstance(selection.value, str):
        return None
    try:
        return [uuid.UUID(selection.value)]
    except ValueError:
        return []


def render_group(group: Group, site: Site, members: Iterable[Member] = ()) -> Json:
    resource = head(group, "Group", [CORE_GROUP], site)
    resource["displayName"] = group.full_name
    rendered = [render_member(member, site) for member in members]
    if rendered:
        resource["members"] = rendered
    return resource


def render_member(member: Member, site: Site) -> Json:
    rendered = {
        "value": str(member.id),
        "$ref": site.location("Users", member.id),
        "type": "User",
    }
    return {**rendered, "display": member.display} if member.display else rendered
