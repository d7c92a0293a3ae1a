"""SCIM 2.0 (RFC 7643, RFC 7644)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.scim.connector import ScimConnector
from connectors.scim.diff import Operation, operations, without_paths
from connectors.scim.fields import SCIM2_FIELDS
from connectors.scim.filters import member_path
from connectors.scim.payload import extensions
from connectors.scim.profiles import STANDARD, Behaviour
from connectors.scim.version import Version
from connectors.types import Dialect, Entity, EntityType, Member

SCHEMAS = {
    EntityType.USER: "urn:ietf:params:scim:schemas:core:2.0:User",
    EntityType.GROUP: "urn:ietf:params:scim:schemas:core:2.0:Group",
}
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass(frozen=True, slots=True)
class Scim2:
    behaviour: Behaviour = STANDARD

    @property
    def without_members(self) -> Mapping[str, str]:
        return {"excludedAttributes": "members"} if self.behaviour.excluded_attributes else {}

    def resource(self, entity_type: EntityType, document: Mapping[str, Any]) -> dict[str, Any]:
        return {"schemas": [SCHEMAS[entity_type], *extensions(document)], **document}

    def changes(
        self, entity_type: EntityType, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> dict[str, Any]:
        compare = operations if self.behaviour.patch_paths else without_paths
        found = compare(before, after)
        return _patch(found) if found else {}

    def member(self, member: Member) -> dict[str, Any]:
        return {"value": member.remote_id}

    def adding(self, group: Entity, members: Sequence[Member]) -> dict[str, Any]:
        return _patch([{"op": "add", "path": "members", "value": self._values(members)}])

    def removing(self, group: Entity, members: Sequence[Member]) -> dict[str, Any]:
        if self.behaviour.member_removal == "values":
            value = self._values(members)
            return _patch([{"op": "remove", "path": "members", "value": value}])
        return _patch(
            [{"op": "remove", "path": member_path(member.remote_id)} for member in members]
        )

    def _values(self, members: Sequence[Member]) -> Any:
        values = [self.member(member) for member in members]
        return {"members": values} if self.behaviour.member_values == "object" else values


def _patch(operations: list[Operation]) -> dict[str, Any]:
    return {"schemas": [PATCH_SCHEMA], "Operations": operations}


class Scim2Connector(ScimConnector):
    key = "scim2"
    label = "SCIM 2.0"
    dialect = Dialect.SCIM
    fields = SCIM2_FIELDS

    def speaking(self, behaviour: Behaviour) -> Version:
        return Scim2(behaviour)
