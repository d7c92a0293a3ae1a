"""SCIM 1.1 (Core Schema 1.1, REST API 1.1; draft-scim-core-schema-01, draft-scim-api-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.scim.connector import ScimConnector
from connectors.scim.fields import SCIM1_FIELDS
from connectors.scim.partial import partial
from connectors.scim.payload import NAME_ATTRIBUTE, extensions
from connectors.scim.profiles import Behaviour
from connectors.scim.version import Version
from connectors.types import Dialect, Entity, EntityType, Member

CORE = "urn:scim:schemas:core:1.0"


class Scim1:
    behaviour = Behaviour(
        content_type="application/json", config_resource="ServiceProviderConfigs"
    )
    without_members: Mapping[str, str] = {"attributes": "displayName,externalId"}

    def resource(self, entity_type: EntityType, document: Mapping[str, Any]) -> dict[str, Any]:
        return {"schemas": [CORE, *extensions(document)], **document}

    def changes(
        self, entity_type: EntityType, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> dict[str, Any]:
        found = partial(before, after)
        if not found:
            return {}
        name = NAME_ATTRIBUTE[entity_type]
        # WSO2 wants the name in every PATCH; to others it says nothing new.
        body = {"schemas": [CORE, *found.schemas], name: after[name], **found.document}
        return {**body, "meta": {"attributes": found.paths}} if found.removed else body

    def member(self, member: Member) -> dict[str, Any]:
        # WSO2 wants to be told both.
        display = {"display": member.name} if member.name else {}
        return {"value": member.remote_id, **display}

    def adding(self, group: Entity, members: Sequence[Member]) -> dict[str, Any]:
        return self._group(group, [self.member(member) for member in members])

    def removing(self, group: Entity, members: Sequence[Member]) -> dict[str, Any]:
        gone = [{**self.member(member), "operation": "delete"} for member in members]
        return self._group(group, gone)

    def _group(self, group: Entity, members: list[dict[str, Any]]) -> dict[str, Any]:
        named = {"displayName": group.remote_name} if group.remote_name else {}
        return {"schemas": [CORE], **named, "members": members}


class Scim1Connector(ScimConnector):
    key = "scim"
    label = "SCIM 1.1"
    dialect = Dialect.SCIM1
    fields = SCIM1_FIELDS

    def speaking(self, behaviour: Behaviour) -> Version:
        return Scim1()
