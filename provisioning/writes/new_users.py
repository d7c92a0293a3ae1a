"""Writing many new users of one tenant together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from idp.models import Group, User, UserStore
from idp.userstores import DatabaseStore, MembershipDelta, NameIsTaken
from provisioning.changes import InvalidValue, NameTaken, Refused
from provisioning.writes.users import UserWriter
from provisioning.writes.written import GroupDelta, Prepared, Written

GroupKey = tuple[UserStore, str]


@dataclass(frozen=True, slots=True)
class NewUsers:
    """What came of each change, in their order, and the groups that gained members."""

    answers: list[Written | Refused]
    deltas: list[GroupDelta]


@dataclass(slots=True)
class _Row:
    writer: UserWriter
    user: User
    groups: list[GroupKey] = field(default_factory=list)


def write(prepared: Sequence[Prepared], now: datetime) -> NewUsers:
    """Create the users whose changes hold good; the others' refusals are their answers.

    Raises `NameTaken` when somebody takes one of the names meanwhile: then nothing can be
    kept of it.
    """
    store = DatabaseStore(prepared[0].change.tenant, now)
    rows = [_row(one, store) for one in prepared]
    groups = _lock_groups(rows, store)
    _refuse(rows, groups, store)
    made = [row for row in rows if isinstance(row, _Row)]
    if made:
        _insert([row.user for row in made], store)
    joined = {key: [r.user.pk for r in made if key in r.groups] for key in groups}
    deltas = [
        GroupDelta(group, store.change_members(group, joined[key], []))
        for key, group in groups.items()
        if joined[key]
    ]
    return NewUsers([_answer(row, groups) for row in rows], deltas)


def _insert(users: Sequence[User], store: DatabaseStore) -> None:
    try:
        store.insert_users(users)
    except NameIsTaken as error:
        raise NameTaken("one of the names was taken meanwhile", field="userName") from error


def _row(prepared: Prepared, store: DatabaseStore) -> _Row | Refused:
    writer = UserWriter(prepared, store)
    try:
        row = _Row(writer, writer.new_user())
        for name in prepared.change.user.join if prepared.change.user else ():
            if (key := writer.group_key(name)) not in row.groups:
                row.groups.append(key)
    except InvalidValue as error:
        return error
    return row


def _lock_groups(rows: Sequence[_Row | Refused], store: DatabaseStore) -> dict[GroupKey, Group]:
    """The groups to join that are there, locked in one order everywhere."""
    wanted = {key for row in rows if isinstance(row, _Row) for key in row.groups}
    in_order = sorted(wanted, key=lambda key: (key[0].domain, key[1]))
    found = {key: store.lock_named_group(*key) for key in in_order}
    return {key: group for key, group in found.items() if group is not None}


def _refuse(
    rows: list[_Row | Refused], groups: dict[GroupKey, Group], store: DatabaseStore
) -> None:
    """Who has a name that somebody has, or is given before, or names a group that is not
    there."""
    taken = store.names_taken([row.user for row in rows if isinstance(row, _Row)])
    for index, row in enumerate(rows):
        if isinstance(row, Refused):
            continue
        name = (row.user.store_id, row.user.username_key)
        missing = [
            place.full_name(group)
            for place, group in row.groups
            if (place, group) not in groups
        ]
        if name in taken:
            message = f"userName {row.user.full_name} is taken"
            rows[index] = NameTaken(message, field="userName")
        elif missing:
            rows[index] = row.writer.no_group(missing[0])
        else:
            taken.add(name)


def _answer(row: _Row | Refused, groups: dict[GroupKey, Group]) -> Written | Refused:
    if isinstance(row, Refused):
        return row
    delta = MembershipDelta(added=[row.user.pk])
    return row.writer.created(row.user, [GroupDelta(groups[key], delta) for key in row.groups])
