"""Members of a group, in requests of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from connectors.errors import (
    ConnectorError,
    JobIsWrong,
    NeedsAllMembers,
    RemoteExists,
    RetryLater,
)
from connectors.scim.collection import Collection
from connectors.scim.filters import member_path
from connectors.scim.writing import READ_ONLY, PatchSupport
from connectors.status import says_taken
from connectors.types import Member, MemberChanges

_AT_ONCE = 100
"""Members in one request; some servers take no more."""
_MOST_REFUSALS = 3
"""Members refused one by one until a change is given up as a whole."""

_Operations = Callable[[Sequence[Member]], list[dict[str, Any]]]


def change(
    collection: Collection, support: PatchSupport, remote_id: str, changes: MemberChanges
) -> Iterator[Sequence[Member]]:
    """Yields the members of each request once it was accepted.

    `NeedsAllMembers` when only PUT is left and `changes.everyone` is not given.
    """
    if not support.expected(collection):
        yield from _by_put(collection, remote_id, changes)
        return
    try:
        yield from _by_patch(collection, remote_id, changes)
    except ConnectorError as error:
        if not support.missing(collection, error):
            raise
        yield from _by_put(collection, remote_id, changes)


def _by_patch(
    collection: Collection, remote_id: str, changes: MemberChanges
) -> Iterator[Sequence[Member]]:
    refused: list[tuple[Member, ConnectorError]] = []
    for members, operations in ((changes.add, _adding), (changes.remove, _removing)):
        for start in range(0, len(members), _AT_ONCE):
            chunk = members[start : start + _AT_ONCE]
            yield from _sent(collection, remote_id, chunk, operations, refused)
    if refused:
        names = ", ".join(member.name or member.remote_id for member, _ in refused)
        error = refused[0][1]
        raise JobIsWrong(f"Refused as members: {names}. {error}", status=error.status)


def _sent(
    collection: Collection,
    remote_id: str,
    members: Sequence[Member],
    operations: _Operations,
    refused: list[tuple[Member, ConnectorError]],
) -> Iterator[Sequence[Member]]:
    """One request; if it is refused, its halves, so that one bad member spoils only itself."""
    try:
        collection.patch(remote_id, operations(members))
    except (JobIsWrong, RemoteExists) as error:
        if isinstance(error, RemoteExists) and not says_taken(str(error)):
            # 409 for its own sake: others are changing the group at this moment.
            raise RetryLater(str(error), status=error.status, maybe_sent=True) from error
        if len(members) > 1:
            middle = len(members) // 2
            for half in (members[:middle], members[middle:]):
                yield from _sent(collection, remote_id, half, operations, refused)
            return
        if not _already_so(error, operations):
            refused.append((members[0], error))
            if len(refused) >= _MOST_REFUSALS:
                raise
            return
    yield members


def _already_so(error: ConnectorError, operations: _Operations) -> bool:
    """Somebody who is a member already, or is none any more: nothing is left to do."""
    if operations is _adding:
        return isinstance(error, RemoteExists)
    return error.code == "noTarget"


def _adding(members: Sequence[Member]) -> list[dict[str, Any]]:
    values = [{"value": member.remote_id} for member in members]
    return [{"op": "add", "path": "members", "value": values}]


def _removing(members: Sequence[Member]) -> list[dict[str, Any]]:
    return [{"op": "remove", "path": member_path(member.remote_id)} for member in members]


def _by_put(
    collection: Collection, remote_id: str, changes: MemberChanges
) -> Iterator[Sequence[Member]]:
    if changes.everyone is None:
        raise NeedsAllMembers(f"{collection.endpoint.url} takes whole groups only")
    current = collection.read(remote_id, members=True)
    if current is None:
        raise collection.missing(remote_id)
    kept = {key: value for key, value in current.items() if key not in READ_ONLY}
    members = _members(current, changes)
    collection.replace(remote_id, {**kept, "members": members})
    yield [*changes.add, *changes.remove]


def _members(current: dict[str, Any], changes: MemberChanges) -> list[dict[str, str]]:
    """Everyone wanted, and those whom others put there; never those to be removed."""
    gone = {member.remote_id for member in changes.remove}
    held = current.get("members")
    listed = held if isinstance(held, list) else []
    there = [str(one["value"]) for one in listed if isinstance(one, dict) and "value" in one]
    ours = [member.remote_id for member in changes.everyone or ()]
    wanted = dict.fromkeys([*ours, *(one for one in there if one not in gone)])
    return [{"value": remote_id} for remote_id in wanted]
