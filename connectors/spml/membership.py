"""Members of a group: values of one attribute, in requests of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from connectors.errors import ConnectorError, JobIsWrong, RemoteExists, RemoteMissing
from connectors.spml.dsml import Change, values_of
from connectors.spml.objects import UNSUPPORTED, Objects
from connectors.types import Entity, Member, MemberChanges

_AT_ONCE = 100
"""Members in one request."""
_MOST_REFUSALS = 3
"""Members refused one by one until a change is given up as a whole."""

_Mode = Literal["add", "delete"]


def change(
    objects: Objects, attribute: str, group: Entity, changes: MemberChanges
) -> Iterator[Sequence[Member]]:
    """Yields members once they are in, or out: also those who were so already."""
    sending = _Sending(objects, attribute, group.remote_id)
    modes: tuple[tuple[_Mode, Sequence[Member]], ...] = (
        ("add", changes.add),
        ("delete", changes.remove),
    )
    for mode, members in modes:
        for start in range(0, len(members), _AT_ONCE):
            yield from sending.sent(mode, members[start : start + _AT_ONCE])
    sending.finish()


@dataclass
class _Sending:
    """One change to one group, chunk by chunk. `held` is who is in it, since that was asked."""

    objects: Objects
    attribute: str
    group_id: str
    held: set[str] | None = None
    refused: list[tuple[Member, ConnectorError]] = field(default_factory=list)

    def sent(self, mode: _Mode, members: Sequence[Member]) -> Iterator[Sequence[Member]]:
        """One request. If it is refused: again without those who are so already, else its
        halves, so that one bad member spoils only itself."""
        values = values_of([self._value(member) for member in members])
        try:
            self.objects.modify(self.group_id, [Change(mode, self.attribute, values)])
        except (JobIsWrong, RemoteExists, RemoteMissing) as error:
            yield from self._reconsidered(mode, members, error)
            return
        if self.held is not None:
            self.held = self.held | set(values) if mode == "add" else self.held - set(values)
        yield members

    def finish(self) -> None:
        if self.refused:
            names = ", ".join(member.name or member.remote_id for member, _ in self.refused)
            error = self.refused[0][1]
            raise JobIsWrong(
                f"Refused as members: {names}. {error}", status=error.status, code=error.code
            )

    def _reconsidered(
        self, mode: _Mode, members: Sequence[Member], error: ConnectorError
    ) -> Iterator[Sequence[Member]]:
        if error.code == UNSUPPORTED:
            raise error
        held = self._held(error)
        left = [one for one in members if self._is_to_do(mode, one, held)]
        if done := [one for one in members if one not in left]:
            yield done
            parts = [left] if left else []
        elif len(left) > 1:
            middle = len(left) // 2
            parts = [left[:middle], left[middle:]]
        else:
            self.refused.append((left[0], error))
            if len(self.refused) >= _MOST_REFUSALS:
                self.finish()
            return
        for part in parts:
            yield from self.sent(mode, part)

    def _is_to_do(self, mode: _Mode, member: Member, held: set[str]) -> bool:
        is_in = self._value(member) in held
        # A group that is shown without anybody may only not be shown whole.
        return not is_in if mode == "add" else is_in or not held

    def _held(self, error: ConnectorError) -> set[str]:
        if self.held is None:
            current = self.objects.read(self.group_id)
            if current is None:
                raise self.objects.missing(self.group_id) from error
            self.held = set(current.values(self.attribute))
        return self.held

    def _value(self, member: Member) -> str:
        return self.objects.pso_id(member.remote_id).id
