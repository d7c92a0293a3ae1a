"""Users and groups in Google Workspace (Admin SDK, Directory API v1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import passwords
from connectors.asked_for import exactly
from connectors.base import Connector
from connectors.errors import ConnectorError, ConnectorIsWrong
from connectors.google import tokens
from connectors.google.answers import ANSWERS
from connectors.google.causes import CAUSES
from connectors.google.client import Directory
from connectors.google.fields import GOOGLE_FIELDS
from connectors.google.groups import Groups, address
from connectors.google.payload import Names
from connectors.google.users import Users
from connectors.http import Http
from connectors.patterns import Pattern, PatternRefused, in_domain
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


class GoogleConnector(Connector):
    key = "google"
    label = "Google Workspace"
    fields = GOOGLE_FIELDS
    active_key = "suspended"
    known_answers = ANSWERS
    known_causes = CAUSES

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        try:
            self._pattern = Pattern.parse(str(self.settings["pattern"] or "{UN}"))
        except PatternRefused as error:
            raise ConnectorIsWrong(f"{self.label}: {error}") from error
        self._domain = str(self.settings["domain"]).strip().lstrip("@").lower()
        self._directory = Directory(
            http,
            tokens.source(self.settings, http),
            str(self.settings["base_url"]),
            str(self.settings["application_name"] or ""),
        )
        names = Names(
            given=str(self.settings["given_name_claim"] or ""),
            family=str(self.settings["family_name_claim"] or ""),
            org_unit=str(self.settings["org_unit_path"] or ""),
        )
        self._users = Users(self._directory, names)
        self._groups = Groups(self._directory)

    def remote_name(self, entity_type: EntityType, name: LocalName) -> str:
        separator = str(self.settings["separator"] or "")
        built = self._pattern.build(name, separator)
        if entity_type is EntityType.GROUP:
            return address(built, self._domain)
        return in_domain(built, self._domain)

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
        return self._of(entity.type).find(entity.remote_name)

    def fetch(self, entity_type: EntityType, remote_id: str) -> Found | None:
        found = self._of(entity_type).fetch(remote_id)
        # Google knows people by any of their addresses as well.
        return found if "@" in remote_id else exactly(remote_id, found)

    def change_members(
        self, group: Entity, changes: MemberChanges
    ) -> Iterator[Sequence[Member]]:
        return self._groups.change_members(group.remote_id, changes)

    def check(self) -> list[Finding]:
        """A token, one user and one group."""
        findings = []
        for what in ("users", "groups"):
            try:
                self._directory.get(what, domain=self._domain, maxResults="1")
            except ConnectorError as error:
                findings.append(Finding(False, f"{what} of {self._domain}: {error}"))
            else:
                findings.append(Finding(True, f"{what} of {self._domain} can be read"))
        return findings

    def _of(self, entity_type: EntityType) -> Users | Groups:
        return self._groups if entity_type is EntityType.GROUP else self._users
