"""Users and groups in Sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import (
    Connector,
    ConnectorError,
    Dialect,
    Entity,
    EntityType,
    Finding,
    Found,
    Http,
    KnownCause,
    Member,
    MemberChanges,
    Receipt,
    RemoteMissing,
    RetryLater,
    exactly,
    in_doubt,
)
from purveyor_sample.client import SampleApi, document_of
from purveyor_sample.fields import FIELDS

_COLLECTIONS = {EntityType.USER: "users", EntityType.GROUP: "groups"}
_AT_ONCE = 100
"""Members in one request."""
_OURS = frozenset({"id", "name", "external_id", "active"})


class SampleConnector(Connector):
    key = "sample"
    label = "Sample"
    dialect = Dialect.FLAT
    fields = FIELDS
    known_causes = (
        KnownCause(r"seat limit", "Every seat in Sample is taken: buy more, or free some."),
    )

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        self._api = SampleApi(http, self.settings)

    def handles(self, entity_type: EntityType) -> bool:
        return entity_type in _COLLECTIONS

    def create(self, entity: Entity) -> Receipt:
        document = {**_document(entity), **self._secret(entity)}
        answer = self._api.send("POST", _COLLECTIONS[entity.type], body=document)
        remote_id = str(document_of(answer).get("id") or "") or self._looked_up(entity)
        return _receipt(entity, remote_id)

    def update(self, entity: Entity) -> Receipt:
        """Only what differs is sent; nothing at all when nothing does."""
        changes = {**_changes(entity), **self._secret(entity)}
        if changes:
            self._api.send("PATCH", _COLLECTIONS[entity.type], entity.remote_id, body=changes)
        return _receipt(entity, entity.remote_id)

    def delete(self, entity: Entity) -> None:
        self._api.send("DELETE", _COLLECTIONS[entity.type], entity.remote_id)

    def find(self, entity: Entity) -> list[Found]:
        """By name, else by our own id. What does not really fit is not believed."""
        found = self._where(entity.type, "name", entity.remote_name)
        if found or not entity.external_id:
            return found
        return self._where(entity.type, "external_id", entity.external_id)

    def fetch(self, entity_type: EntityType, remote_id: str) -> Found | None:
        try:
            there = self._api.get(_COLLECTIONS[entity_type], remote_id)
        except RemoteMissing:
            return None
        return exactly(remote_id, _found(there))

    def change_members(
        self, group: Entity, changes: MemberChanges
    ) -> Iterator[Sequence[Member]]:
        """So many at a time; each chunk is told as soon as it was taken."""
        for change, members in (("remove", changes.remove), ("add", changes.add)):
            for start in range(0, len(members), _AT_ONCE):
                chunk = members[start : start + _AT_ONCE]
                ids = {change: [member.remote_id for member in chunk]}
                self._api.send("POST", "groups", group.remote_id, "members", body=ids)
                yield chunk

    def check(self) -> list[Finding]:
        try:
            for collection in _COLLECTIONS.values():
                self._api.get(collection, name="nobody")
        except ConnectorError as error:
            return [Finding(False, str(error))]
        return [Finding(True, "Sample accepts the credentials, and can be read")]

    def _where(self, entity_type: EntityType, attribute: str, value: str) -> list[Found]:
        listed = self._api.listed(_COLLECTIONS[entity_type], **{attribute: value})
        fitting = [one for one in listed if str(one.get(attribute)).lower() == value.lower()]
        return [*{found.remote_id: found for found in map(_found, fitting)}.values()]

    def _looked_up(self, entity: Entity) -> str:
        """The id of what was just made: without it, nobody knows whether it was."""
        try:
            found = self._where(entity.type, "name", entity.remote_name)
        except ConnectorError as error:
            raise in_doubt(error) from error
        if len(found) != 1:
            raise RetryLater("Sample took it, and does not say under which id", maybe_sent=True)
        return found[0].remote_id

    def _secret(self, entity: Entity) -> dict[str, str]:
        if not entity.password:
            return {}
        self.http.hide(entity.password, for_this_job=True)
        return {"password": entity.password}


def _document(entity: Entity) -> dict[str, Any]:
    """What Sample shall hold, without the password: the attributes by the remote names of the
    claim mapping, and what everything has there."""
    return {
        **entity.attributes,
        "name": entity.remote_name,
        "external_id": entity.external_id,
        "active": entity.active,
    }


def _changes(entity: Entity) -> dict[str, Any]:
    """From what Sample accepted last to what it shall hold; what is to go, as null. When
    nothing is known, everything is sent, and whatever may be there from us may have to go."""
    wanted = _document(entity)
    if entity.accepted is None:
        return {**dict.fromkeys(entity.unconfirmed.keys() - wanted.keys()), **wanted}
    before = {**entity.accepted, "name": entity.accepted_name}
    differing = {key: value for key, value in wanted.items() if before.get(key) != value}
    return {**differing, **dict.fromkeys(before.keys() - wanted.keys())}


def _receipt(entity: Entity, remote_id: str) -> Receipt:
    return Receipt(
        remote_id,
        entity.remote_name,
        accepted=_document(entity),
        password_set=bool(entity.password),
    )


def _found(there: Mapping[str, Any]) -> Found:
    return Found(
        remote_id=str(there.get("id") or ""),
        remote_name=str(there.get("name") or ""),
        external_id=str(there.get("external_id") or ""),
        active=there.get("active") is not False,
        attributes={key: value for key, value in there.items() if key not in _OURS},
    )
