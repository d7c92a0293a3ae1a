"""Users and groups in Salesforce."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import passwords
from connectors.asked_for import exactly
from connectors.base import Connector
from connectors.errors import ConnectorError, ConnectorIsWrong
from connectors.http import Http
from connectors.patterns import Pattern, PatternRefused, in_domain
from connectors.salesforce import tokens
from connectors.salesforce.answers import ANSWERS
from connectors.salesforce.causes import CAUSES
from connectors.salesforce.client import OLDEST_WITH_GROUPS, Salesforce
from connectors.salesforce.fields import PRESET, SALESFORCE_FIELDS
from connectors.salesforce.groups import Groups
from connectors.salesforce.users import Users
from connectors.types import (
    Entity,
    EntityType,
    Finding,
    Found,
    LocalName,
    Member,
    MemberChanges,
    Receipt,
)

SHORT_ID = 15
"""Letters of an id as addresses show it; three more make it unique whatever the case."""


class SalesforceConnector(Connector):
    key = "salesforce"
    label = "Salesforce"
    fields = SALESFORCE_FIELDS
    preset = PRESET
    active_key = "IsActive"
    known_answers = ANSWERS
    known_causes = CAUSES

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        try:
            self._pattern = Pattern.parse(str(self.settings["pattern"] or "{UN}"))
        except PatternRefused as error:
            raise ConnectorIsWrong(f"{self.label}: {error}") from error
        domain = str(self.settings["domain_name"])
        self._salesforce = Salesforce(
            http, tokens.source(self.settings, http), domain, str(self.settings["api_version"])
        )
        rename = bool(self.settings["rename_on_delete"])
        self._users = Users(self._salesforce, domain, rename=rename)
        self._groups = Groups(self._salesforce)

    def remote_name(self, entity_type: EntityType, name: LocalName) -> str:
        if entity_type is EntityType.GROUP:
            return name.full
        built = self._pattern.build(name, str(self.settings["separator"] or ""))
        return in_domain(built, str(self.settings["provisioning_domain"] or ""))

    def handles(self, entity_type: EntityType) -> bool:
        return True

    def create(self, entity: Entity) -> Receipt:
        if entity.type is EntityType.GROUP:
            return self._groups.create(entity)
        return self._users.create(entity, passwords.first(self, entity))

    def update(self, entity: Entity) -> Receipt:
        if entity.type is EntityType.GROUP:
            return self._groups.update(entity)
        return self._users.update(entity, passwords.own(self, entity))

    def delete(self, entity: Entity) -> None:
        self._of(entity.type).delete(entity)

    def find(self, entity: Entity) -> list[Found]:
        return self._of(entity.type).find(entity)

    def fetch(self, entity_type: EntityType, remote_id: str) -> Found | None:
        found = self._of(entity_type).fetch(remote_id)
        short = found.remote_id[:SHORT_ID] if found else ""
        return exactly(remote_id, found, short)

    def change_members(
        self, group: Entity, changes: MemberChanges
    ) -> Iterator[Sequence[Member]]:
        return self._groups.change_members(group, changes)

    def check(self) -> list[Finding]:
        """A token, one user, and how many requests the organisation has left."""
        try:
            self._salesforce.query("SELECT Id FROM User LIMIT 1")
        except ConnectorError as error:
            return [Finding(False, str(error))]
        findings = [Finding(True, "users can be read")]
        if self._salesforce.version < OLDEST_WITH_GROUPS:
            needed = f"members of groups need API version v{OLDEST_WITH_GROUPS} or newer"
            findings.append(Finding(False, needed))
        if used := self._salesforce.usage:
            findings.append(Finding(True, f"{used} requests of the last 24 hours are used"))
        return findings

    def _of(self, entity_type: EntityType) -> Users | Groups:
        return self._groups if entity_type is EntityType.GROUP else self._users
