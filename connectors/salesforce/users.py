"""Users of Salesforce: created, changed, deactivated; never deleted, since it cannot be."""

from __future__ import annotations

import re
import threading
import time
from typing import Any, ClassVar

from simple_salesforce.format import format_soql

from connectors.errors import (
    Ambiguous,
    ConnectorError,
    JobIsWrong,
    NotConfigured,
    RemoteExists,
    RemoteMissing,
    RetryLater,
    in_doubt,
)
from connectors.salesforce import payload
from connectors.salesforce.client import Salesforce
from connectors.types import Entity, Found, Receipt

_COLUMNS = "Id, Username, Email, IsActive, FederationIdentifier"
_FEDERATED, _NICKNAME = "FederationIdentifier", "CommunityNickname"
_PROFILE_ID = re.compile(r"00e[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_LONGEST_USERNAME = 80
_PROFILES_KNOWN = 600.0
"""Seconds the id of a profile found by name is believed."""


class Users:
    _profiles: ClassVar[dict[tuple[str, str], tuple[str, float]]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, salesforce: Salesforce, domain: str, *, rename: bool) -> None:
        self._salesforce = salesforce
        self._domain = domain
        self._rename = rename

    def create(self, entity: Entity, password: str) -> Receipt:
        """Checks what Salesforce insists on before anything is sent: `NotConfigured`."""
        held = payload.held(entity)
        payload.complete(held)
        try:
            answer = self._salesforce.send("POST", ("sobjects", "User"), self._sendable(held))
        except RemoteExists as error:
            raise self._taken(entity, error) from error
        try:
            remote_id = str(answer.json().get("id") or "")
        except (ValueError, AttributeError):
            remote_id = ""
        remote_id = remote_id or self._looked_up(entity)
        if password:
            self._add_password(remote_id, password)
        return Receipt(remote_id, entity.remote_name, held, password_set=bool(password))

    def update(self, entity: Entity, password: str) -> Receipt:
        after = payload.held(entity)
        before = entity.accepted
        is_unknown = before is None
        if before is None:
            before = self._unknown(entity, after)
        body = payload.changes({**before, "Username": entity.accepted_name}, after)
        if password and (is_unknown or not body):
            # What is refused now leaves nothing half done.
            self._set_password(entity.remote_id, password)
        if body:
            path = ("sobjects", "User", entity.remote_id)
            self._salesforce.send("PATCH", path, self._sendable(body))
            if password and not is_unknown:
                self._add_password(entity.remote_id, password)
        return Receipt(entity.remote_id, entity.remote_name, after, password_set=bool(password))

    def _set_password(self, remote_id: str, password: str) -> None:
        path = ("sobjects", "User", remote_id, "password")
        self._salesforce.send("POST", path, {"NewPassword": password})

    def _add_password(self, remote_id: str, password: str) -> None:
        """After the user was written. Whatever goes wrong leaves what is there *maybe sent*:
        the next attempt looks, and begins with the password."""
        try:
            self._set_password(remote_id, password)
        except ConnectorError as error:
            raise in_doubt(error) from error

    def delete(self, entity: Entity) -> None:
        """Deactivate and, so that what is unique is free, rename. Done already:
        `RemoteMissing`."""
        there = self.fetch(entity.remote_id)
        if there is None or not (there.active or self._rename):
            raise RemoteMissing(f"{entity.remote_id} is deactivated already")
        body: dict[str, Any] = {"IsActive": False}
        if self._rename:
            body["Username"] = _old(entity.remote_id, there.remote_name)
            if there.external_id:
                body[_FEDERATED] = None
            if _NICKNAME in (entity.accepted or {}):
                body[_NICKNAME] = f"old.{entity.remote_id.lower()}"
        self._salesforce.send("PATCH", ("sobjects", "User", entity.remote_id), body)

    def find(self, entity: Entity) -> list[Found]:
        """By Username, else by FederationIdentifier: the one mapped, or the external id."""
        named = self._where("Username", entity.remote_name)
        federated = str(entity.attributes.get(_FEDERATED) or entity.external_id or "")
        if named or not federated:
            return named
        return self._where(_FEDERATED, federated)

    def fetch(self, remote_id: str) -> Found | None:
        """None also for one that a delete of ours has renamed."""
        fields = _COLUMNS.replace(" ", "")
        try:
            path = ("sobjects", "User", remote_id)
            found = _found(self._salesforce.get(*path, fields=fields))
        except RemoteMissing:
            return None
        return None if found.remote_name.startswith(_old(remote_id, "")) else found

    def _where(self, column: str, value: str) -> list[Found]:
        soql = f"SELECT {_COLUMNS} FROM User WHERE {column} = {{}}"  # noqa: S608 bound below
        records = self._salesforce.query(format_soql(soql, value))
        return [
            _found(record)
            for record in records
            if str(record.get(column) or "").casefold() == value.casefold()
        ]

    def _taken(self, entity: Entity, error: RemoteExists) -> Exception:
        """Usernames are unique across all organisations: it may be in one we do not see."""
        if error.code != "DUPLICATE_USERNAME" or self._where("Username", entity.remote_name):
            return error
        return JobIsWrong(
            f"{error}: {entity.remote_name} is taken in another Salesforce organisation",
            status=error.status,
            code=error.code,
        )

    def _unknown(self, entity: Entity, after: dict[str, Any]) -> dict[str, Any]:
        """Nothing is taken for granted; what may be there from us and is not wanted goes."""
        if self.fetch(entity.remote_id) is None:
            raise RemoteMissing(f"Salesforce has no user {entity.remote_id}")
        maybe = payload.held(Entity(entity.type, "", "", attributes=entity.unconfirmed))
        return {name: value for name, value in maybe.items() if name not in after}

    def _sendable(self, body: dict[str, Any]) -> dict[str, Any]:
        profile = body.get("ProfileId")
        if not isinstance(profile, str) or _PROFILE_ID.fullmatch(profile):
            return body
        return {**body, "ProfileId": self._profile_id(profile)}

    def _profile_id(self, name: str) -> str:
        """The id of the profile called so, looked up now and then."""
        key = (self._domain, name)
        known, until = self._profiles.get(key, ("", 0.0))
        if time.monotonic() < until:
            return known
        records = self._salesforce.query(
            format_soql("SELECT Id FROM Profile WHERE Name = {}", name)
        )
        if not records:
            raise NotConfigured(f"ProfileId: Salesforce has no profile called {name!r}")
        found = str(records[0].get("Id"))
        with self._lock:
            self._profiles[key] = (found, time.monotonic() + _PROFILES_KNOWN)
        return found

    def _looked_up(self, entity: Entity) -> str:
        """The id of who was just made; until it is known the create is *maybe sent*."""
        try:
            there = self._where("Username", entity.remote_name)
        except ConnectorError as error:
            raise in_doubt(error) from error
        if len(there) > 1:
            raise Ambiguous(f"{len(there)} users at the target are {entity.remote_name}")
        if not there:
            raise RetryLater("Salesforce gave no id and does not show it yet", maybe_sent=True)
        return there[0].remote_id


def _found(record: dict[str, Any]) -> Found:
    return Found(
        remote_id=str(record.get("Id") or ""),
        remote_name=str(record.get("Username") or ""),
        external_id=str(record.get(_FEDERATED) or ""),
        active=bool(record.get("IsActive")),
        attributes={"Email": record["Email"]} if record.get("Email") else {},
    )


def _old(remote_id: str, username: str) -> str:
    """A username nobody wants, unique by the id; not longer than Salesforce takes.

    >>> _old("005x", "kim@acme.example")
    'old.005x.kim@acme.example'
    """
    prefix = f"old.{remote_id.lower()}."
    local, at, domain = username.rpartition("@")
    room = _LONGEST_USERNAME - len(prefix) - len(at) - len(domain)
    return f"{prefix}{local[: max(room, 1)]}{at}{domain}"[:_LONGEST_USERNAME]
