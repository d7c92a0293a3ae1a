"""Users of the Directory API: insert, update, delete, look up."""

from __future__ import annotations

import secrets
from typing import Any

from connectors.errors import (
    ConnectorError,
    JobIsWrong,
    RemoteExists,
    RemoteMissing,
    RetryLater,
    in_doubt,
)
from connectors.google import payload, resource
from connectors.google.client import Directory, document_of
from connectors.google.payload import Names
from connectors.types import Entity, Found, Receipt

_FULL = {"projection": "full"}
_PASSWORD_BYTES = 24


class Users:
    def __init__(self, directory: Directory, names: Names) -> None:
        self._directory = directory
        self._names = names

    def create(self, entity: Entity, password: str) -> Receipt:
        """Google insists on a password: where none is given, nobody knows it."""
        held = payload.held(entity, self._names)
        chosen = password or secrets.token_urlsafe(_PASSWORD_BYTES)
        body = payload.new(held, self._names, chosen)
        try:
            answer = self._directory.send("POST", ("users",), body)
        except RemoteExists as error:
            raise self._taken(entity, error) from error
        told = document_of(answer) or {}
        remote_id = str(told.get("id") or "") or self._id_of(entity.remote_name)
        return Receipt(remote_id, entity.remote_name, held, password_set=bool(password))

    def update(self, entity: Entity, password: str) -> Receipt:
        after = payload.held(entity, self._names)
        before, ours = self._before(entity, after)
        body = payload.changes(before, after, self._names)
        if lists := payload.shared_lists(body, after):
            body = payload.with_others(body, lists, self._there(entity), ours, self._names)
        if password:
            body["password"] = password
        if body:
            self._put(entity, body)
        return Receipt(entity.remote_id, entity.remote_name, after, password_set=bool(password))

    def _put(self, entity: Entity, body: dict[str, Any]) -> None:
        path = ("users", entity.remote_id)
        try:
            self._directory.send("PUT", path, body)
        except RemoteMissing as error:
            raise self._not_shown_yet(entity, error) from error
        except RemoteExists as error:
            if not self._has_name(entity):
                raise self._taken(entity, error) from error
            # Google may say so of a rename that it has done.
            if rest := {key: value for key, value in body.items() if key != "primaryEmail"}:
                self._directory.send("PUT", path, rest)

    def _has_name(self, entity: Entity) -> bool:
        return any(one.remote_id == entity.remote_id for one in self.find(entity.remote_name))

    def delete(self, entity: Entity) -> None:
        try:
            self._directory.send("DELETE", ("users", entity.remote_id))
        except RemoteMissing as error:
            raise self._not_shown_yet(entity, error) from error

    def find(self, email: str) -> list[Found]:
        """The user whose *primary* address it is: an alias of somebody else is no match."""
        found = self.fetch(email)
        named = found is not None and found.remote_name.casefold() == email.casefold()
        return [found] if found is not None and named else []

    def fetch(self, key: str) -> Found | None:
        shown = self.read(key)
        return None if shown is None else _found(shown)

    def read(self, key: str) -> dict[str, Any] | None:
        try:
            return self._directory.get("users", key, **_FULL)
        except RemoteMissing:
            return None

    def _before(
        self, entity: Entity, after: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What to compare with, and what may be there from us.

        When nothing is known, nothing is taken for granted, and what may be there from us
        is to go.
        """
        if entity.accepted is not None:
            known = {**entity.accepted, "primaryEmail": entity.accepted_name}
            return known, known
        self._there(entity)
        ours = payload.held(
            Entity(entity.type, entity.local_id, "", attributes=entity.unconfirmed), self._names
        )
        return {key: value for key, value in ours.items() if key not in after}, ours

    def _there(self, entity: Entity) -> dict[str, Any]:
        there = self.read(entity.remote_id)
        if there is None:
            missing = RemoteMissing(f"The directory has no user {entity.remote_id}")
            raise self._not_shown_yet(entity, missing)
        return there

    def _id_of(self, email: str) -> str:
        """The id of a user just made; until it is known the insert is *maybe sent*."""
        try:
            found = self.find(email)
        except ConnectorError as error:
            raise in_doubt(error) from error
        if not found:
            raise RetryLater(
                "The directory took the new user and does not show it yet", maybe_sent=True
            )
        return found[0].remote_id

    def _taken(self, entity: Entity, error: RemoteExists) -> Exception:
        """The address exists: as a user's own, as an alias, as a group's, or not shown yet."""
        holder = self.fetch(entity.remote_name)
        if holder is None:
            if self._directory.shows("groups", entity.remote_name):
                return JobIsWrong(f"{entity.remote_name} is the address of a group", status=409)
            return RetryLater(
                f"{error}; the directory does not show who has it yet", status=409
            )
        if holder.remote_name.casefold() != entity.remote_name.casefold():
            return JobIsWrong(
                f"{entity.remote_name} is an alias of {holder.remote_name}", status=409
            )
        return error

    def _not_shown_yet(self, entity: Entity, error: RemoteMissing) -> Exception:
        """A user made a moment ago may be unknown by id and known by name."""
        shown = self.find(entity.accepted_name) if entity.accepted_name else []
        if any(one.remote_id == entity.remote_id for one in shown):
            return RetryLater(f"{error}; it will be there in a moment", status=404)
        return error


_SHOWN = resource.KNOWN | {"primaryEmail"}


def _found(shown: dict[str, Any]) -> Found:
    return Found(
        remote_id=str(shown.get("id") or ""),
        remote_name=str(shown.get("primaryEmail") or ""),
        active=not shown.get("suspended"),
        attributes={key: value for key, value in shown.items() if key in _SHOWN},
    )
