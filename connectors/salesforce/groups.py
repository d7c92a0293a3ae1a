"""Groups at Salesforce: public groups of our own, and permission sets that exist there.

A group called `PermissionSet:Name` at the target (by role mapping) is that permission set,
by its name or label: people are assigned to it, and it is never made, renamed or deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simple_salesforce.format import format_soql

from connectors.errors import (
    ConnectorError,
    JobIsWrong,
    NotConfigured,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.http import Answer
from connectors.salesforce.client import Salesforce, named, told
from connectors.types import Entity, Found, Member, MemberChanges, Receipt

PERMISSION_SET = "PermissionSet:"
_AT_ONCE = 100
"""Members in one request; Salesforce takes up to 200."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Link:
    """How a member hangs on a group: an object of its own."""

    object: str
    group: str
    member: str


PUBLIC = Link("GroupMember", "GroupId", "UserOrGroupId")
PERMISSION = Link("PermissionSetAssignment", "PermissionSetId", "AssigneeId")


class Groups:
    def __init__(self, salesforce: Salesforce) -> None:
        self._salesforce = salesforce

    def create(self, entity: Entity) -> Receipt:
        if _is_permission_set(entity.remote_name):
            if self.find(entity):
                raise RemoteExists(f"{entity.remote_name} is there")
            raise NotConfigured(f"Salesforce has no {entity.remote_name}: it has to exist")
        held = {"Name": entity.remote_name}
        body = {**held, "DeveloperName": _developer_name(entity.remote_name), "Type": "Regular"}
        answer = self._salesforce.send("POST", ("sobjects", "Group"), body)
        remote_id = str(_document(answer).get("id") or "")
        if not remote_id:
            there = self.find(entity)
            if len(there) != 1:
                raise RetryLater("Salesforce gave no id for the group", maybe_sent=True)
            remote_id = there[0].remote_id
        return Receipt(remote_id, entity.remote_name, held)

    def update(self, entity: Entity) -> Receipt:
        if _is_permission_set(entity.remote_name):
            if not self.find(entity):
                raise RemoteMissing(f"Salesforce has no {entity.remote_name}")
            return Receipt(entity.remote_id, entity.remote_name, {})
        held = {"Name": entity.remote_name}
        if entity.accepted is None and self.fetch(entity.remote_id) is None:
            raise RemoteMissing(f"Salesforce has no group {entity.remote_id}")
        if entity.accepted != held:
            self._salesforce.send("PATCH", ("sobjects", "Group", entity.remote_id), held)
        return Receipt(entity.remote_id, entity.remote_name, held)

    def delete(self, entity: Entity) -> None:
        if _is_permission_set(entity.accepted_name or entity.remote_name):
            raise JobIsWrong(
                "A permission set is not ours to delete: take its people out in Salesforce"
            )
        self._salesforce.send("DELETE", ("sobjects", "Group", entity.remote_id))

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
        """Yields those of each request whom Salesforce took; who is in, or gone, already is
        done. Whoever is refused is named at the end and holds nobody else up."""
        refused: list[tuple[Member, ConnectorError]] = []
        link = PERMISSION if _is_permission_set(group.remote_name) else PUBLIC
        for members, send in ((changes.add, self._add), (changes.remove, self._remove)):
            for start in range(0, len(members), _AT_ONCE):
                chunk = members[start : start + _AT_ONCE]
                taken = send(link, group.remote_id, chunk, refused)
                if taken:
                    yield taken
        if refused:
            first = refused[0][1]
            names = ", ".join(member.name or member.remote_id for member, _ in refused[:10])
            raise type(first)(f"Refused as members: {names}. {first}", status=first.status)

    def _add(
        self,
        link: Link,
        group_id: str,
        members: Sequence[Member],
        refused: list[tuple[Member, ConnectorError]],
    ) -> list[Member]:
        there = self._links(link, group_id, members)
        new = [member for member in members if member.remote_id not in there]
        records = [
            {
                "attributes": {"type": link.object},
                link.group: group_id,
                link.member: member.remote_id,
            }
            for member in new
        ]
        if not records:
            return list(members)
        body = {"allOrNone": False, "records": records}
        answer = self._salesforce.send("POST", ("composite", "sobjects"), body)
        taken = _sorted_out(answer, new, refused)
        return [member for member in members if member.remote_id in there or member in taken]

    def _remove(
        self,
        link: Link,
        group_id: str,
        members: Sequence[Member],
        refused: list[tuple[Member, ConnectorError]],
    ) -> list[Member]:
        there = self._links(link, group_id, members)
        going = [member for member in members if member.remote_id in there]
        if not going:
            return list(members)
        ids = ",".join(there[member.remote_id] for member in going)
        answer = self._salesforce.send(
            "DELETE",
            ("composite", "sobjects"),
            parameters={"ids": ids, "allOrNone": "false"},
        )
        taken = _sorted_out(answer, going, refused)
        return [member for member in members if member not in going or member in taken]

    def _links(self, link: Link, group_id: str, members: Sequence[Member]) -> dict[str, str]:
        """By member, the object that makes them one."""
        soql = (
            f"SELECT Id, {link.member} FROM {link.object} "  # noqa: S608 values are bound
            f"WHERE {link.group} = {{}} AND {link.member} IN {{}}"
        )
        asked = format_soql(soql, group_id, [member.remote_id for member in members])
        return {
            str(record.get(link.member)): str(record.get("Id"))
            for record in self._salesforce.query(asked)
        }


def _sorted_out(
    answer: Answer,
    members: Sequence[Member],
    refused: list[tuple[Member, ConnectorError]],
) -> list[Member]:
    """Those who were taken; for the others, why not. Salesforce answers in our order."""
    try:
        results = answer.json()
    except ValueError:
        results = None
    if not isinstance(results, list) or len(results) != len(members):
        raise RetryLater("Salesforce did not say what became of the members", maybe_sent=True)
    taken = []
    for member, result in zip(members, results, strict=True):
        error = _problem(result)
        if error is None or isinstance(error, RemoteExists | RemoteMissing):
            taken.append(member)
        elif isinstance(error, RetryLater):
            raise error
        else:
            refused.append((member, error))
    return taken


def _problem(result: Any) -> ConnectorError | None:
    if not isinstance(result, Mapping) or result.get("success"):
        return None
    errors = result.get("errors") or [{}]
    detail, code = told(errors[0])
    return named(
        400,
        {},
        request="A member",
        detail=detail,
        code=code,
        changes=True,
        on_object=True,
    )


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
