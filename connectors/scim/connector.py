"""Users and groups at a SCIM server, whichever version it speaks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import passwords
from connectors.asked_for import exactly
from connectors.base import Connector
from connectors.errors import (
    Ambiguous,
    ConnectorError,
    ConnectorIsWrong,
    RemoteMissing,
    RetryLater,
    in_doubt,
)
from connectors.http import Http
from connectors.patterns import in_store
from connectors.scim import connection_test, lookup, membership, removal
from connectors.scim.answers import ANSWERS
from connectors.scim.auth import authentication
from connectors.scim.causes import CAUSES
from connectors.scim.client import Endpoint, ScimClient
from connectors.scim.collection import Collection
from connectors.scim.payload import NAME_ATTRIBUTE, assigned, believed, found, wanted
from connectors.scim.profiles import Behaviour, check_required, named, shaped, without
from connectors.scim.version import Version
from connectors.scim.writing import PatchSupport, Rewrite, choice, merged, shared, write
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


class ScimConnector(Connector):
    """What both versions do; a subclass says which one it speaks, and its settings."""

    known_answers = ANSWERS
    known_causes = CAUSES

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        self._profile = named(str(self.settings.get("profile") or ""))
        self._behaviour = self._profile.behaviour
        self._support = PatchSupport(choice(self.settings["update_method"]))
        version = self.speaking(self._behaviour)
        client = ScimClient(http, authentication(self.settings, http), version.behaviour)
        endpoints = {
            EntityType.USER: str(self.settings["user_endpoint"]),
            EntityType.GROUP: str(self.settings["group_endpoint"] or ""),
        }
        self._collections = {
            entity_type: Collection(client, Endpoint(url), entity_type, version)
            for entity_type, url in endpoints.items()
            if url.strip()
        }

    @abstractmethod
    def speaking(self, behaviour: Behaviour) -> Version:
        """The version of SCIM, for a product that behaves like this."""

    def remote_name(self, entity_type: EntityType, name: LocalName) -> str:
        return in_store(name.full, str(self.settings["user_store_domain"] or ""))

    def handles(self, entity_type: EntityType) -> bool:
        return entity_type in self._collections

    def create(self, entity: Entity) -> Receipt:
        document = self._wanted(entity)
        collection = self._of(entity.type)
        self._check_can_be_made(collection, entity, document)
        password = self._password_on_create(entity)
        secret = {"password": password} if password else {}
        remote_id = collection.create({**document, **secret})
        if not remote_id:
            remote_id = self._looked_up(collection, entity)
        return Receipt(remote_id, entity.remote_name, document, password_set=bool(password))

    def update(self, entity: Entity) -> Receipt:
        collection = self._of(entity.type)
        after = self._wanted(entity)
        password = self._password_on_update(entity)
        secret = {"password": password} if password else {}
        try:
            before = self._before(collection, entity, after)
            after = self._renamed_if_possible(entity, before, after)
            write(collection, self._support, Rewrite(entity.remote_id, before, after, secret))
        except RemoteMissing:
            # Where nobody is inactive but only gone, that is what was wanted.
            if entity.active or self._behaviour.deactivation != "removes":
                raise
        name = str(after[NAME_ATTRIBUTE[entity.type]])
        return Receipt(entity.remote_id, name, after, password_set=bool(password))

    def delete(self, entity: Entity) -> None:
        removal.delete(self._of(entity.type), self._support, entity)

    def find(self, entity: Entity) -> list[Found]:
        return lookup.find(self._of(entity.type), entity)

    def fetch(self, entity_type: EntityType, remote_id: str) -> Found | None:
        resource = self._of(entity_type).read(remote_id)
        if resource is None:
            return None
        return exactly(remote_id, found(entity_type, {"id": remote_id, **resource}))

    def change_members(
        self, group: Entity, changes: MemberChanges
    ) -> Iterator[Sequence[Member]]:
        return membership.change(self._of(EntityType.GROUP), self._support, group, changes)

    def check(self) -> list[Finding]:
        return connection_test.findings(self._collections, self._support, self.http)

    def _wanted(self, entity: Entity) -> dict[str, Any]:
        document = wanted(entity)
        return shaped(document, self._behaviour) if _is_user(entity) else document

    def _check_can_be_made(
        self, collection: Collection, entity: Entity, document: Mapping[str, Any]
    ) -> None:
        """Raises what says why not; nothing was changed there then."""
        if _is_user(entity):
            check_required(document, self._behaviour, self._profile.name)
        elif self._behaviour.group_life == "members":
            removal.look_for_group(collection, entity, self._profile.name)

    def _renamed_if_possible(
        self, entity: Entity, before: Mapping[str, Any], after: dict[str, Any]
    ) -> dict[str, Any]:
        """Where groups keep the name they were made with, they keep it."""
        if _is_user(entity) or self._behaviour.group_rename:
            return after
        name = NAME_ATTRIBUTE[entity.type]
        return {**after, name: before.get(name, after[name])}

    def _of(self, entity_type: EntityType) -> Collection:
        collection = self._collections.get(entity_type)
        if collection is None:
            raise ConnectorIsWrong(f"{self.label}: fill in the group endpoint to send groups")
        return collection

    def _before(
        self, collection: Collection, entity: Entity, after: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What to compare with; when nothing is known, what the target holds of ours, and
        of what may be there from us."""
        return without(self._held(collection, entity, after), self._omitted(entity))

    def _omitted(self, entity: Entity) -> Sequence[str]:
        return self._behaviour.omitted if _is_user(entity) else ()

    def _held(
        self, collection: Collection, entity: Entity, after: Mapping[str, Any]
    ) -> dict[str, Any]:
        if entity.accepted is not None:
            return believed(entity, entity.accepted)
        current = self.fetch(entity.type, entity.remote_id)
        if current is None:
            raise collection.missing(entity.remote_id)
        return shared(current.attributes, merged(assigned(entity.unconfirmed), {}, after))

    def _password_on_create(self, entity: Entity) -> str:
        given = passwords.first(self, entity)
        return "" if "password" in self._behaviour.omitted else given

    def _password_on_update(self, entity: Entity) -> str:
        given = passwords.own(self, entity)
        return "" if "password" in self._behaviour.omitted else given

    def _looked_up(self, collection: Collection, entity: Entity) -> str:
        """The id of what was just created; until it is known the create is *maybe sent*."""
        try:
            there = lookup.find(collection, entity)
        except ConnectorError as error:
            raise in_doubt(error) from error
        if len(there) > 1:
            raise Ambiguous(
                f"{len(there)} objects at the target are called {entity.remote_name}"
            )
        if not there:
            raise RetryLater(
                "The target took the new object, gave no id, and does not show it yet",
                maybe_sent=True,
            )
        return there[0].remote_id


def _is_user(entity: Entity) -> bool:
    return entity.type is EntityType.USER
