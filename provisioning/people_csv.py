"""Users as rows of a CSV file: the header names claims, a row is a user."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from idp import claims

NAME = "userName"
PASSWORD = "password"  # noqa: S105 the name of a column
GROUPS = "groups"
TOLD_BACK = ("refused_line", "refused_because")
SEPARATOR = ";"


class BadHeader(Exception):
    """The first line cannot be understood; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Row:
    """One user. `problem` says why it cannot be one; `cells` is the line as it was."""

    line: int
    cells: Sequence[str]
    entry: Mapping[str, Any]
    problem: str = ""


class PeopleFile:
    """Streams the rows of a file. Raises `BadHeader` at once."""

    def __init__(
        self, lines: Iterable[str], table: claims.ClaimTable = claims.BUILT_IN
    ) -> None:
        self._reader = csv.reader(lines)
        try:
            self.header = [cell.strip() for cell in next(self._reader, [])]
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadHeader(f"The file is no CSV in UTF-8: {error}.") from error
        self._columns = [_column(name, table) for name in self.header]
        known = [column for column in self._columns if column not in TOLD_BACK]
        if NAME not in known:
            raise BadHeader(f"The first line must name the columns, {NAME} among them.")
        for column in known:
            if known.count(column) > 1:
                raise BadHeader(f"The column {column} is there twice.")

    def __iter__(self) -> Iterator[Row]:
        while True:
            try:
                cells = next(self._reader, None)
            except (csv.Error, UnicodeDecodeError) as error:
                line = self._reader.line_num
                yield Row(line, [], {}, f"no CSV in UTF-8 from here on: {error}")
                return
            if cells is None:
                return
            if cells:
                yield self._row(cells)

    def _row(self, cells: list[str]) -> Row:
        line = self._reader.line_num
        if len(cells) > len(self._columns):
            problem = f"{len(cells)} cells, but {len(self._columns)} columns"
            return Row(line, cells, {}, problem)
        given = {
            column: cell.strip() if column != PASSWORD else cell
            for column, cell in zip(self._columns, cells, strict=False)
            if cell.strip() and column not in TOLD_BACK
        }
        name = given.pop(NAME, "")
        groups = [g.strip() for g in given.pop(GROUPS, "").split(SEPARATOR) if g.strip()]
        entry: dict[str, Any] = {"username": name, "groups": groups}
        if PASSWORD in given:
            entry[PASSWORD] = given.pop(PASSWORD)
        entry["claims"] = given
        return Row(line, cells, entry, "" if name else f"{NAME} is empty")


def _column(name: str, table: claims.ClaimTable) -> str:
    """What a column holds: one of ours, or the URI of a claim."""
    if name.lower() in ("username", PASSWORD, GROUPS):
        return NAME if name.lower() == "username" else name.lower()
    if name in TOLD_BACK:
        return name
    by_name = {entry.name.lower(): entry for entry in table.entries}
    by_uri = {entry.uri: entry for entry in table.entries}
    found = by_uri.get(name) or by_name.get(name.lower())
    if found is not None and not found.read_only and found.uri not in claims.NAMING:
        return found.uri
    if found is not None:
        raise BadHeader(f"The column {name} cannot be written.")
    near = get_close_matches(name.lower(), by_name, n=1)
    hint = f"; did you mean {by_name[near[0]].name}?" if near else ""
    raise BadHeader(f"There is no claim {name or '(an empty column)'}{hint}")
