"""Members of a group, in requests of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from connectors.errors import (
    ConnectorError,
    JobIsWrong,
    NeedsAllMembers,
    RemoteExists,
    RemoteMissing,
    in_doubt,
)
from connectors.scim.collection import Collection
from connectors.scim.writing import NO_PATCH, READ_ONLY, PatchSupport
from connectors.status import says_taken
from connectors.types import Entity, Member, MemberChanges

_MOST_REFUSALS = 3
"""Members refused one by one until a change is given up as a whole."""

_Body = Callable[[Entity, Sequence[Member]], dict[str, Any]]


def change(
    collection: Collection, support: PatchSupport, group: Entity, changes: MemberChanges
) -> Iterator[Sequence[Member]]:
    """Yields the members of each request once it was accepted.

    `NeedsAllMembers` when only PUT is left and `changes.everyone` is not given.
    """
    if not support.expected(collection):
        yield from _by_put(collection, group.remote_id, changes)
        return
    try:
        yield from _Patching(collection, group).send(changes)
    except ConnectorError as error:
        if not support.missing(collection, error):
            raise
        yield from _by_put(collection, group.remote_id, changes)


@dataclass
class _Patching:
    """One change to one group, chunk by chunk."""

    collection: Collection
    group: Entity
    refused: list[tuple[Member, ConnectorError]] = field(default_factory=list)

    def send(self, changes: MemberChanges) -> Iterator[Sequence[Member]]:
        version = self.collection.version
        at_once = version.behaviour.members_per_request
        for members, body in (
            (changes.add, version.adding),
            (changes.remove, version.removing),
        ):
            for start in range(0, len(members), at_once):
                yield from self._sent(members[start : start + at_once], body)
        if self.refused:
            names = ", ".join(member.name or member.remote_id for member, _ in self.refused)
            error = self.refused[0][1]
            raise JobIsWrong(f"Refused as members: {names}. {error}", status=error.status)

    def _sent(self, members: Sequence[Member], body: _Body) -> Iterator[Sequence[Member]]:
        """One request; if it is refused, its halves, so that one bad member spoils only
        itself."""
        try:
            self.collection.patch(self.group.remote_id, body(self.group, members))
        except (JobIsWrong, RemoteExists, RemoteMissing) as error:
            self._reconsider(error)
            if len(members) > 1:
                middle = len(members) // 2
                for half in (members[:middle], members[middle:]):
                    yield from self._sent(half, body)
                return
            if not self._already_so(error, members[0], body):
                self.refused.append((members[0], error))
                if len(self.refused) >= _MOST_REFUSALS:
                    raise
                return
        yield members

    def _reconsider(self, error: ConnectorError) -> None:
        """Raise what is not the fault of a member."""
        no_group = isinstance(error, RemoteMissing) and self._held is None
        if error.status in NO_PATCH or no_group:
            raise error
        if isinstance(error, RemoteExists) and not says_taken(str(error)):
            # 409 for its own sake: others are changing the group at this moment.
            raise in_doubt(error) from error

    def _already_so(self, error: ConnectorError, member: Member, body: _Body) -> bool:
        """Somebody who is a member already, or is none any more: nothing is left to do."""
        if body == self.collection.version.adding:
            return isinstance(error, RemoteExists)
        # A group that is shown without anybody may only not be shown whole.
        return error.code == "noTarget" or bool(
            self._held and member.remote_id not in self._held
        )

    @cached_property
    def _held(self) -> list[str] | None:
        """Who is shown as a member since something was refused; None: there is no group."""
        current = self.collection.read(self.group.remote_id, members=True)
        return None if current is None else [one.remote_id for one in held(current)]


def _by_put(
    collection: Collection, remote_id: str, changes: MemberChanges
) -> Iterator[Sequence[Member]]:
    if changes.everyone is None:
        raise NeedsAllMembers(f"{collection.endpoint.url} takes whole groups only")
    current = collection.read(remote_id, members=True)
    if current is None:
        raise collection.missing(remote_id)
    kept = {key: value for key, value in current.items() if key not in READ_ONLY}
    members = [collection.version.member(one) for one in _members(current, changes)]
    collection.replace(remote_id, {**kept, "members": members})
    yield [*changes.add, *changes.remove]


def _members(current: dict[str, Any], changes: MemberChanges) -> list[Member]:
    """Everyone wanted, and those whom others put there; never those to be removed."""
    gone = {member.remote_id for member in changes.remove}
    wanted = {member.remote_id: member for member in changes.everyone or ()}
    others = [one for one in held(current) if one.remote_id not in gone]
    return list(({one.remote_id: one for one in others} | wanted).values())


def held(group: dict[str, Any]) -> list[Member]:
    """The members that a group is shown with."""
    shown = group.get("members")
    listed = shown if isinstance(shown, list) else []
    return [
        Member(str(one["value"]), str(one.get("display") or ""))
        for one in listed
        if isinstance(one, dict) and "value" in one
    ]
