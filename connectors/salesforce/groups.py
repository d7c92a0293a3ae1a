"""Groups at Salesforce: public groups of our own, and permission sets that exist there.

A group called `PermissionSet:Name` at the target (by role mapping) is that permission set,
by its name or label: people are assigned to it, and it is never made, renamed or deleted.
When the mapping changes, people leave what it stood for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from simple_salesforce.format import format_soql

from connectors.errors import (
    GroupStays,
    JobIsWrong,
    NotConfigured,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.http import Answer
from connectors.salesforce.client import Salesforce
from connectors.salesforce.members import PERMISSION, PUBLIC, Members
from connectors.types import Entity, Found, Member, MemberChanges, Receipt

PERMISSION_SET = "PermissionSet:"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


class Groups:
    def __init__(self, salesforce: Salesforce) -> None:
        self._salesforce = salesforce
        self._members = Members(salesforce)

    def create(self, entity: Entity) -> Receipt:
        if _is_permission_set(entity.remote_name):
            if self.find(entity):
                raise RemoteExists(f"{entity.remote_name} is there")
            raise NotConfigured(f"Salesforce has no {entity.remote_name}: it has to exist")
        held = {"Name": entity.remote_name}
        answer = self._created(entity, {**held, "Type": "Regular"})
        remote_id = str(_document(answer).get("id") or "")
        if not remote_id:
            there = self.find(entity)
            if len(there) != 1:
                raise RetryLater("Salesforce gave no id for the group", maybe_sent=True)
            remote_id = there[0].remote_id
        return Receipt(remote_id, entity.remote_name, held)

    def _created(self, entity: Entity, body: dict[str, Any]) -> Answer:
        """The developer name, which is unique, may still be that of a renamed group."""
        path = ("sobjects", "Group")
        name = _developer_name(entity.remote_name)
        try:
            return self._salesforce.send("POST", path, {**body, "DeveloperName": name})
        except RemoteExists:
            if self.find(entity):
                raise
        mark = sha256(entity.local_id.encode()).hexdigest()[:8]
        another = f"{name[:71].rstrip('_')}_{mark}"
        return self._salesforce.send("POST", path, {**body, "DeveloperName": another})

    def update(self, entity: Entity) -> Receipt:
        if _is_permission_set(entity.remote_name):
            there = self.find(entity)
            if not there:
                raise NotConfigured(f"Salesforce has no {entity.remote_name}: it has to exist")
            if entity.remote_id not in {one.remote_id for one in there}:
                raise self._stays(entity)
            return Receipt(entity.remote_id, entity.remote_name, {})
        if _is_permission_set(entity.accepted_name):
            raise self._stays(entity)
        held = {"Name": entity.remote_name}
        if entity.accepted is None and self.fetch(entity.remote_id) is None:
            raise RemoteMissing(f"Salesforce has no group {entity.remote_id}")
        if entity.accepted != held:
            self._salesforce.send("PATCH", ("sobjects", "Group", entity.remote_id), held)
        return Receipt(entity.remote_id, entity.remote_name, held)

    def delete(self, entity: Entity) -> None:
        if _is_permission_set(entity.accepted_name or entity.remote_name):
            raise self._stays(entity)
        self._salesforce.send("DELETE", ("sobjects", "Group", entity.remote_id))

    def _stays(self, entity: Entity) -> GroupStays:
        """A public group becomes no permission set, and no permission set something else."""
        name = entity.accepted_name or entity.remote_name
        return GroupStays(f"{name} stays at Salesforce as it is")

    def find(self, entity: Entity) -> list[Found]:
        name = entity.remote_name
        if _is_permission_set(name):
            bare = name[len(PERMISSION_SET) :]
            soql = "SELECT Id, Name, Label FROM PermissionSet WHERE Name = {0} OR Label = {0}"
            records = self._salesforce.query(format_soql(soql, bare))
            return [Found(str(record.get("Id")), name) for record in records]
        soql = "SELECT Id, Name FROM Group WHERE Type = 'Regular' AND Name = {}"
        records = self._salesforce.query(format_soql(soql, name))
        return [
            Found(str(record.get("Id")), str(record.get("Name")))
            for record in records
            if str(record.get("Name") or "").casefold() == name.casefold()
        ]

    def fetch(self, remote_id: str) -> Found | None:
        kind = "PermissionSet" if remote_id.startswith("0PS") else "Group"
        try:
            record = self._salesforce.get("sobjects", kind, remote_id, fields="Id,Name")
        except RemoteMissing:
            return None
        prefix = PERMISSION_SET if kind == "PermissionSet" else ""
        return Found(str(record.get("Id")), prefix + str(record.get("Name")))

    def change_members(
        self, group: Entity, changes: MemberChanges
    ) -> Iterator[Sequence[Member]]:
        link = PERMISSION if _is_permission_set(group.remote_name) else PUBLIC
        try:
            yield from self._members.change(link, group.remote_id, changes)
        except JobIsWrong as error:
            # Salesforce says of a group that is gone what it says of members.
            if self.fetch(group.remote_id) is not None:
                raise
            raise RemoteMissing(f"Salesforce has no {group.remote_name}") from error


def _document(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_permission_set(name: str) -> bool:
    return name.startswith(PERMISSION_SET)


def _developer_name(name: str) -> str:
    """Letters, digits and single underscores, beginning with a letter; 80 at most.

    >>> _developer_name("STAFF/sales & service")
    'STAFF_sales_service'
    """
    made = _NOT_IN_NAMES.sub("_", name).strip("_") or "group"
    return (made if made[0].isalpha() else f"g_{made}")[:80].strip("_")
