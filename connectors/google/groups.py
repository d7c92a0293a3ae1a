"""Groups of the Directory API and their members, one call each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from connectors.errors import (
    ConnectorError,
    JobIsWrong,
    RemoteExists,
    RemoteMissing,
    RetryLater,
    in_doubt,
)
from connectors.google.client import Directory, document_of
from connectors.types import Entity, Found, Member, MemberChanges, Receipt

_NOT_IN_ADDRESSES = re.compile(r"[^a-z0-9._+'-]+")
_USERNAME = "http://wso2.org/claims/username"


def address(name: str, domain: str) -> str:
    """The address of a group called `name`; one that is an address already stays.

    >>> address("STAFF/Sales & Service", "acme.example")
    'staff-sales-service@acme.example'
    """
    folded = name.strip().lower()
    if folded.endswith(f"@{domain.lower()}"):
        return folded
    local = _NOT_IN_ADDRESSES.sub("-", folded).strip("-.")
    return f"{local or 'group'}@{domain.lower()}"


class Groups:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def create(self, entity: Entity) -> Receipt:
        held = _held(entity)
        try:
            answer = self._directory.send("POST", ("groups",), held)
        except RemoteExists as error:
            raise self._taken(entity.remote_name, error) from error
        told = document_of(answer) or {}
        remote_id = str(told.get("id") or "") or self._id_of(entity.remote_name)
        return Receipt(remote_id, entity.remote_name, held)

    def update(self, entity: Entity) -> Receipt:
        held = _held(entity)
        before = entity.accepted
        if before is None and self.fetch(entity.remote_id) is None:
            raise RemoteMissing(f"The directory has no group {entity.remote_id}")
        known = before or {}
        body = {key: value for key, value in held.items() if known.get(key) != value}
        body |= dict.fromkeys(key for key in known if key not in held)
        if body:
            # Unlike users.update, groups.update is a replacement.
            self._directory.send("PATCH", ("groups", entity.remote_id), body)
        return Receipt(entity.remote_id, entity.remote_name, held)

    def delete(self, entity: Entity) -> None:
        self._directory.send("DELETE", ("groups", entity.remote_id))

    def find(self, email: str) -> list[Found]:
        found = self.fetch(email)
        named = found is not None and found.remote_name.casefold() == email.casefold()
        return [found] if found is not None and named else []

    def fetch(self, key: str) -> Found | None:
        try:
            resource = self._directory.get("groups", key)
        except RemoteMissing:
            return None
        return Found(str(resource.get("id") or ""), str(resource.get("email") or ""))

    def change_members(
        self, group_id: str, changes: MemberChanges
    ) -> Iterator[Sequence[Member]]:
        """Who is in already and who is gone already are done; others do not wait for one
        that the directory refuses."""
        refused: list[tuple[Member, ConnectorError]] = []
        for members, send in ((changes.add, self._add), (changes.remove, self._remove)):
            for member in members:
                try:
                    send(group_id, member)
                except RetryLater:
                    raise
                except ConnectorError as error:
                    refused.append((member, error))
                    if len(refused) >= _MOST_REFUSALS:
                        raise
                else:
                    yield (member,)
        if refused:
            raise refused[0][1]

    def _add(self, group_id: str, member: Member) -> None:
        """By address, as Google wants it; whose that is now, the answer's id tells."""
        body = {"email": member.name, "role": "MEMBER"}
        try:
            answer = self._directory.send("POST", ("groups", group_id, "members"), body)
        except RemoteExists:
            return
        except RemoteMissing as error:
            if self.fetch(group_id) is None:
                raise
            # A user made a moment ago may not be known everywhere yet.
            raise RetryLater(f"{error} ({member.name})", status=error.status) from error
        added = str((document_of(answer) or {}).get("id") or member.remote_id)
        if added != member.remote_id:
            self._directory.send("DELETE", ("groups", group_id, "members", added))
            raise JobIsWrong(f"{member.name} is the address of another user there by now")

    def _remove(self, group_id: str, member: Member) -> None:
        try:
            self._directory.send("DELETE", ("groups", group_id, "members", member.remote_id))
        except RemoteMissing:
            if self.fetch(group_id) is None:
                raise

    def _taken(self, email: str, error: RemoteExists) -> Exception:
        """The address exists: as a group's, as somebody's, or not shown yet."""
        if self.fetch(email) is not None:
            return error
        if self._directory.shows("users", email):
            return JobIsWrong(f"{email} is the address of a user", status=409)
        return RetryLater(f"{error}; the directory does not show who has it yet", status=409)

    def _id_of(self, email: str) -> str:
        """The id of a group just made; until it is known the insert is *maybe sent*."""
        try:
            found = self.find(email)
        except ConnectorError as error:
            raise in_doubt(error) from error
        if not found:
            raise RetryLater(
                "The directory took the new group and does not show it yet", maybe_sent=True
            )
        return found[0].remote_id


_MOST_REFUSALS = 3
"""Members refused one by one until a change is given up as a whole."""


def _held(entity: Entity) -> dict[str, Any]:
    local = entity.remote_name.partition("@")[0]
    name = str(entity.attributes.get("name") or entity.attributes.get(_USERNAME) or local)
    held = {"email": entity.remote_name, "name": name}
    if description := entity.attributes.get("description"):
        held["description"] = str(description)
    return held
