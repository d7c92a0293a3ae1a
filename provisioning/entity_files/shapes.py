"""What the columns of a file of users, and of one of groups, mean."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from idp import claims
from provisioning.entity_files.rows import TOLD_BACK, BadHeader, one, several

NAME = "userName"
PASSWORD = "password"  # noqa: S105 the name of a column
GROUPS = "groups"
OWN = {name.lower(): name for name in (NAME, PASSWORD, GROUPS)}


class Users:
    """`userName`, `password`, `groups` and claims, by short name or URI."""

    required = NAME

    def __init__(self, table: claims.ClaimTable = claims.BUILT_IN) -> None:
        self._by_name = {entry.name.lower(): entry for entry in table.entries}
        self._by_uri = {entry.uri: entry for entry in table.entries}

    def column(self, name: str) -> str:
        if own := OWN.get(name.lower()):
            return own
        if name in TOLD_BACK:
            return name
        found = self._by_uri.get(name) or self._by_name.get(name.lower())
        if found is None:
            near = get_close_matches(name.lower(), self._by_name, n=1)
            hint = f"; did you mean {self._by_name[near[0]].name}?" if near else ""
            raise BadHeader(f"There is no claim {name or '(an empty column)'}{hint}")
        if found.read_only or found.uri in claims.NAMING:
            raise BadHeader(f"The column {name} cannot be written.")
        return found.uri

    def entry(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        rest = dict(given)
        entry: dict[str, Any] = {"username": one(NAME, rest.pop(NAME))}
        entry["groups"] = several(GROUPS, rest.pop(GROUPS, []))
        if PASSWORD in rest:
            entry[PASSWORD] = one(PASSWORD, rest.pop(PASSWORD))
        return entry | {"claims": rest}


class Groups:
    """`name`, `externalId` and `members`, who are named by their user names."""

    required = "name"
    columns = ("name", "externalId", "members")

    def column(self, name: str) -> str:
        if name in TOLD_BACK:
            return name
        by_name = {column.lower(): column for column in self.columns}
        if found := by_name.get(name.lower()):
            return found
        raise BadHeader(
            f"There is no column {name or 'without a name'} of groups: they have "
            f"{', '.join(self.columns)}."
        )

    def entry(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        entry: dict[str, Any] = {"name": one("name", given["name"])}
        if "externalId" in given:
            entry["external_id"] = one("externalId", given["externalId"])
        return entry | {"members": several("members", given.get("members", []))}
