"""SCIM 2.0 (RFC 7643, RFC 7644)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.scim.connector import ScimConnector
from connectors.scim.diff import Operation, operations
from connectors.scim.fields import SCIM2_FIELDS
from connectors.scim.filters import member_path
from connectors.scim.payload import extensions
from connectors.types import Dialect, Entity, EntityType, Member

SCHEMAS = {
    EntityType.USER: "urn:ietf:params:scim:schemas:core:2.0:User",
    EntityType.GROUP: "urn:ietf:params:scim:schemas:core:2.0:Group",
}
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Scim2:
    media_type = "application/scim+json"
    config_name = "ServiceProviderConfig"
    without_members: Mapping[str, str] = {"excludedAttributes": "members"}

    def resource(self, entity_type: EntityType, document: Mapping[str, Any]) -> dict[str, Any]:
        return {"schemas": [SCHEMAS[entity_type], *extensions(document)], **document}

    def changes(
        self, entity_type: EntityType, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> dict[str, Any]:
        found = operations(before, after)
        return _patch(found) if found else {}

    def member(self, member: Member) -> dict[str, Any]:
        return {"value": member.remote_id}

    def adding(self, group: Entity, members: Sequence[Member]) -> dict[str, Any]:
        values = [self.member(member) for member in members]
        return _patch([{"op": "add", "path": "members", "value": values}])

    def removing(self, group: Entity, members: Sequence[Member]) -> dict[str, Any]:
        return _patch(
            [{"op": "remove", "path": member_path(member.remote_id)} for member in members]
        )


def _patch(operations: list[Operation]) -> dict[str, Any]:
    return {"schemas": [PATCH_SCHEMA], "Operations": operations}


class Scim2Connector(ScimConnector):
    key = "scim2"
    label = "SCIM 2.0"
    dialect = Dialect.SCIM
    fields = SCIM2_FIELDS
    version = Scim2()
