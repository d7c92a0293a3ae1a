"""Writing users or groups so that reading them back changes nothing.

Passwords, and claims that are secret, are never written.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.db.models import QuerySet

from idp import claims
from idp.claim_places import Activity, Leading, Typed
from idp.models import PRIMARY, Group, Membership, User
from provisioning.entity_files.rows import SEPARATOR
from provisioning.entity_files.shapes import NAME, Groups
from provisioning.history import FORMULA

Told = Mapping[str, Any]
TOGETHER = 1_000
PHONES = claims.DIALECT + "phoneNumbers"
MEMBERS = "members"
MEMBERS_A_ROW = 200
"""A group that has more has several rows, so that each fits into what CSV readers take."""


def users(found: QuerySet[User], table: claims.ClaimTable, format: str) -> Iterator[str]:
    """Lines with their ends, of claims by their short names; memberships are of groups."""
    columns = _columns(table)
    rows = found.select_related("store").iterator(chunk_size=TOGETHER)
    told = (_user(user, table, columns) for user in rows)
    return lines(told, (NAME, *columns.values()), format)


def groups(found: QuerySet[Group], format: str) -> Iterator[str]:
    rows = found.select_related("store").iterator(chunk_size=TOGETHER)
    told = (row for group in rows for row in _group(group))
    return lines(told, Groups.columns, format)


def _user(user: User, table: claims.ClaimTable, columns: Mapping[str, str]) -> Told:
    values = table.read_claims(claims.profile_of(user))
    told = {table.claim(uri): values[uri] for uri in columns if uri in values}
    typed = [(c.place.attribute, v) for c, v in told.items() if isinstance(c.place, Typed)]
    row = {
        columns[claim.uri]: _short(claim, value)
        for claim, value in told.items()
        if not _is_told(claim, value, typed)
    }
    return {NAME: _full_name(user.store.domain, user.username), **row}


def _is_told(
    claim: claims.Claim, value: claims.Value, typed: Sequence[tuple[str, claims.Value]]
) -> bool:
    """An only entry goes by its narrowest name: by two, somebody new would get two entries."""
    if isinstance(claim.place, Leading):
        attribute = claim.place.attribute
        return [one for of, one in typed if of == attribute] == [value]
    return claim.uri == PHONES and len(value) == 1


def _short(claim: claims.Claim, value: claims.Value) -> claims.Value:
    """A claim that always holds a list may be given its only value."""
    return value[0] if claim.multivalued and len(value) == 1 else value


def _group(group: Group) -> Iterator[Told]:
    told: dict[str, Any] = {"name": _full_name(group.store.domain, group.name)}
    if group.external_id:
        told["externalId"] = group.external_id
    members = Membership.objects.filter(group=group).order_by("pk")
    names = members.values_list("user__store__domain", "user__username")
    part: list[str] = []
    empty = True
    for domain, name in names.iterator(chunk_size=TOGETHER):
        part.append(_full_name(domain, name))
        if len(part) == MEMBERS_A_ROW:
            yield {**told, MEMBERS: part}
            part, empty = [], False
    if part or empty:
        yield {**told, MEMBERS: part}


def _full_name(domain: str, name: str) -> str:
    """Also where a name in PRIMARY looks as if it began with the domain of a store."""
    return name if domain == PRIMARY and "/" not in name else f"{domain}/{name}"


def _columns(table: claims.ClaimTable) -> dict[str, str]:
    """Names by URI: one claim for a place, and only those that may be shown and written."""
    names = Counter(entry.name.lower() for entry in table.entries)
    columns: dict[str, str] = {}
    places = []
    for entry in table.entries:
        hidden = entry.secret or entry.read_only or entry.uri in claims.NAMING
        is_other = isinstance(entry.place, Activity) and entry.place.negated
        if hidden or is_other or entry.place in places:
            continue
        places.append(entry.place)
        is_short = not entry.own_uri and names[entry.name.lower()] == 1
        columns[entry.uri] = entry.name if is_short else entry.uri
    return columns


def lines(rows: Iterable[Told], columns: Sequence[str], format: str) -> Iterator[str]:
    """Rows by the names of their columns, each a text or a list of texts."""
    if format != "csv":
        for row in rows:
            yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE).decode()
        return
    buffer = io.StringIO()
    out = csv.writer(buffer)
    out.writerow(columns)
    for row in rows:
        out.writerow([_cell(column, row.get(column, "")) for column in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(column: str, value: Any) -> str:
    """Plain where reading gives the same and no spreadsheet computes it; else a list."""
    if isinstance(value, str) and _is_plain(value):
        return value
    texts = [value] if isinstance(value, str) else value
    if column == MEMBERS and all(_is_plain(text) and SEPARATOR not in text for text in texts):
        return SEPARATOR.join(texts)
    return orjson.dumps(texts).decode()


def _is_plain(text: str) -> bool:
    return text == text.strip() and not text.startswith((*FORMULA, "["))
