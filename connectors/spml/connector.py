"""Users and groups at an SPML 2.0 provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import passwords
from connectors.base import Connector
from connectors.errors import (
    Ambiguous,
    ConnectorError,
    ConnectorIsWrong,
    RetryLater,
    in_doubt,
)
from connectors.http import Http
from connectors.patterns import in_store
from connectors.spml import connection_test, dsml, lookup, membership, payload
from connectors.spml.answers import ANSWERS
from connectors.spml.auth import authentication
from connectors.spml.capabilities import Capabilities
from connectors.spml.causes import CAUSES
from connectors.spml.client import SpmlClient
from connectors.spml.fields import PRESET, SPML_FIELDS
from connectors.spml.objects import Objects
from connectors.spml.payload import State
from connectors.spml.steps import Steps
from connectors.spml.xml import checked
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


class SpmlConnector(Connector):
    key = "spml"
    label = "SPML 2.0"
    fields = SPML_FIELDS
    preset = PRESET
    active_key = payload.ACTIVE
    known_answers = ANSWERS
    known_causes = CAUSES

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        client = SpmlClient(http, self._set("endpoint"), authentication(self.settings))
        self._objects = {
            entity_type: Objects(
                client=client,
                capabilities=Capabilities((client.endpoint, self._set("target_id"))),
                type=entity_type,
                classes=classes,
                name_attribute=name_attribute,
                target=self._set("target_id"),
                container=self._set("container_id"),
            )
            for entity_type, classes, name_attribute in (
                (EntityType.USER, self._classes("object_class"), self._set("name_attribute")),
                (
                    EntityType.GROUP,
                    self._classes("group_object_class"),
                    self._set("group_name_attribute"),
                ),
            )
            if classes
        }

    def remote_name(self, entity_type: EntityType, name: LocalName) -> str:
        return in_store(name.full, self._set("user_store_domain"))

    def handles(self, entity_type: EntityType) -> bool:
        return entity_type in self._objects

    def create(self, entity: Entity) -> Receipt:
        objects, steps = self._of(entity.type), Steps()
        wanted = payload.wanted(objects, entity)
        password = checked(passwords.first(self, entity), "The password")
        carrier = self._set("password_attribute")
        secret = {carrier: (password,)} if password and carrier else {}
        remote_id = steps.take(lambda: objects.add({**wanted.attributes, **secret}))
        remote_id = remote_id or self._looked_up(objects, entity)
        if wanted.active is False:
            steps.take(lambda: objects.set_active(remote_id, False))
        if password and not secret:
            steps.take(lambda: objects.set_password(remote_id, password))
        return _receipt(entity, remote_id, wanted, password)

    def update(self, entity: Entity) -> Receipt:
        """Disabling comes first, enabling last."""
        objects, steps, remote_id = self._of(entity.type), Steps(), entity.remote_id
        wanted = payload.wanted(objects, entity)
        before = self._before(objects, entity, wanted)
        password = checked(passwords.own(self, entity), "The password")
        switched = wanted.active is not None and wanted.active != before.active
        if switched and not wanted.active:
            steps.take(lambda: objects.set_active(remote_id, False))
        if changes := dsml.changes(before.attributes, wanted.attributes):
            remote_id = steps.take(lambda: objects.modify(entity.remote_id, changes))
        if password:
            steps.take(lambda: objects.set_password(remote_id, password))
        if switched and wanted.active:
            steps.take(lambda: objects.set_active(remote_id, True))
        return _receipt(entity, remote_id, wanted, password)

    def delete(self, entity: Entity) -> None:
        self._of(entity.type).delete(entity.remote_id)

    def find(self, entity: Entity) -> list[Found]:
        return lookup.find(self._of(entity.type), entity)

    def fetch(self, entity_type: EntityType, remote_id: str) -> Found | None:
        return lookup.fetch(self._of(entity_type), remote_id)

    def change_members(
        self, group: Entity, changes: MemberChanges
    ) -> Iterator[Sequence[Member]]:
        objects = self._of(EntityType.GROUP)
        return membership.change(objects, self._set("member_attribute"), group, changes)

    def check(self) -> list[Finding]:
        return connection_test.findings(self._objects[EntityType.USER], self._objects)

    def _of(self, entity_type: EntityType) -> Objects:
        objects = self._objects.get(entity_type)
        if objects is None:
            raise ConnectorIsWrong(
                f"{self.label}: fill in the group object class to send groups"
            )
        return objects

    def _before(self, objects: Objects, entity: Entity, wanted: State) -> State:
        """What to compare with; when nothing is known, what the target shows of ours."""
        if entity.accepted is not None:
            return payload.believed(objects, entity.accepted, entity.accepted_name)
        current = objects.read(entity.remote_id)
        if current is None:
            raise objects.missing(entity.remote_id)
        active = objects.is_active(entity.remote_id)
        return payload.shown(objects, current, wanted, entity.unconfirmed, active)

    def _looked_up(self, objects: Objects, entity: Entity) -> str:
        """The id of what was just made; until it is known the create is *maybe sent*."""
        try:
            there = lookup.find(objects, entity)
        except ConnectorError as error:
            raise in_doubt(error) from error
        if len(there) > 1:
            raise Ambiguous(
                f"{len(there)} objects at the target are called {entity.remote_name}"
            )
        if not there:
            raise RetryLater(
                "The target took the new object, gave no ID, and does not show it yet",
                maybe_sent=True,
            )
        return there[0].remote_id

    def _classes(self, name: str) -> tuple[str, ...]:
        return tuple(filter(None, (one.strip() for one in self._set(name).split(","))))

    def _set(self, name: str) -> str:
        """A text of the settings; an empty one is its default."""
        default = next(field.default for field in self.fields if field.name == name)
        return str(self.settings[name] or default).strip()


def _receipt(entity: Entity, remote_id: str, wanted: State, password: str) -> Receipt:
    return Receipt(remote_id, entity.remote_name, wanted.receipt(), password_set=bool(password))
