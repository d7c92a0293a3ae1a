"""`/Groups`: members are rows; they are added and removed without loading the others."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from connectors import EntityType
from idp import queries
from idp.models import Group, Tenant
from provisioning.changes import Action
from provisioning.inbound.scim2 import group_bodies
from provisioning.inbound.scim2.endpoint import Endpoint
from provisioning.inbound.scim2.errors import outcome_headers
from provisioning.inbound.scim2.group_bodies import GroupEdit
from provisioning.inbound.scim2.messages import Answer, Call
from provisioning.inbound.scim2.narrowing import Lookups, group_lookups
from provisioning.inbound.scim2.operations import Operation, read_operations
from provisioning.inbound.scim2.projection import Projection
from provisioning.inbound.scim2.rendering import Site, etag
from provisioning.inbound.scim2.values import Json
from provisioning.readers import Reader

ANSWERED_MEMBERS = 1_000
"""A PATCH of a larger group answers 204, unless it asks for attributes by name."""


class Groups(Endpoint[Group]):
    name = "Groups"
    tally = "groups"
    entity_type = EntityType.GROUP
    columns = {"name": "displayName", "version": "meta.version"}

    def read_body(self, call: Call, body: Any) -> dict[str, Any]:
        return {"group": group_bodies.read_body(self.schema, body, strict=call.strict)}

    def replace(self, call: Call, entity_id: str, body: Any) -> Answer:
        """Without `members` they stay; with an empty list they all go."""
        accepted = self.accept(
            call,
            Action.UPDATE,
            entity_id=self.key(entity_id),
            expected_version=self.expected_version(call, entity_id),
            **self.read_body(call, body),
        )
        return self.answer(call, accepted)

    def patch(self, call: Call, entity_id: str, body: Any) -> Answer:
        operations = self.read_patch(call, body)
        key = self.key(entity_id)
        expected = self.expected_version(call, entity_id)
        edit = GroupEdit(
            lambda: call.reader.members_of(self.find(call, entity_id)), strict=call.strict
        )
        for operation in operations:
            edit.apply(operation)
        accepted = self.accept(
            call, Action.UPDATE, entity_id=key, expected_version=expected, group=edit.data()
        )
        group = accepted.entity
        if isinstance(group, Group) and self._is_too_long(group, call.projection):
            headers = {"ETag": etag(group), **outcome_headers(accepted.outcomes)}
            return Answer(204, headers=headers)
        return self.answer(call, accepted)

    def read_patch(self, call: Call, body: Any) -> Sequence[Operation]:
        """What the body of a PATCH does to a group."""
        return read_operations(body, strict=call.strict)

    def rows(self, tenant: Tenant) -> QuerySet[Group]:
        return queries.groups_of(tenant)

    def with_id(self, reader: Reader, key: uuid.UUID) -> Group | None:
        return reader.group_with_id(key)

    def lookups(self, tenant: Tenant) -> Lookups:
        return group_lookups(tenant)

    def render(
        self, entities: Sequence[Group], site: Site, projection: Projection, reader: Reader
    ) -> list[Json]:
        members: Mapping[Any, Any] = {}
        if projection.wants(self.schema, "members"):
            members = reader.members_of_groups([group.pk for group in entities])
        rendered = (
            group_bodies.render_group(group, site, members.get(group.pk, ()))
            for group in entities
        )
        return [projection.apply(self.schema, resource) for resource in rendered]

    def _is_too_long(self, group: Group, projection: Projection) -> bool:
        asked = projection.only or not projection.wants(self.schema, "members")
        return group.member_count > ANSWERED_MEMBERS and not asked
