"""Who is in a group at Salesforce: each member hangs on it by an object of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simple_salesforce.format import format_soql

from connectors.errors import ConnectorError, RemoteExists, RemoteMissing, RetryLater
from connectors.http import Answer
from connectors.salesforce.client import Salesforce, named, told
from connectors.types import Member, MemberChanges

_AT_ONCE = 100
"""Members in one request; Salesforce takes up to 200."""


@dataclass(frozen=True, slots=True)
class Link:
    """How a member hangs on a group: an object of its own."""

    object: str
    group: str
    member: str


PUBLIC = Link("GroupMember", "GroupId", "UserOrGroupId")
PERMISSION = Link("PermissionSetAssignment", "PermissionSetId", "AssigneeId")


class Members:
    def __init__(self, salesforce: Salesforce) -> None:
        self._salesforce = salesforce

    def change(
        self, link: Link, group_id: str, changes: MemberChanges
    ) -> Iterator[Sequence[Member]]:
        """Yields those of each request whom Salesforce took; who is in, or gone, already is
        done. Whoever is refused is named at the end and holds nobody else up."""
        refused: list[tuple[Member, ConnectorError]] = []
        for members, send in ((changes.add, self._add), (changes.remove, self._remove)):
            for start in range(0, len(members), _AT_ONCE):
                chunk = members[start : start + _AT_ONCE]
                taken = send(link, group_id, chunk, refused)
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
        taken = _sorted_out(answer, new, refused, RemoteExists)
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
        taken = _sorted_out(answer, going, refused, RemoteMissing)
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
    already: type[ConnectorError],
) -> list[Member]:
    """Those who were taken, or are so `already`; for the others, why not. Salesforce answers
    in our order."""
    try:
        results = answer.json()
    except ValueError:
        results = None
    if not isinstance(results, list) or len(results) != len(members):
        raise RetryLater("Salesforce did not say what became of the members", maybe_sent=True)
    taken = []
    for member, result in zip(members, results, strict=True):
        error = _problem(result)
        if error is None or isinstance(error, already):
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
