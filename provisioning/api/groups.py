"""Groups and roles: their names, and who is in them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors import EntityType
from idp import queries
from idp.models import INTERNAL, Group, Membership, User, key_of, split_name
from provisioning import passing
from provisioning.api import filters
from provisioning.api.described import members_action, resource
from provisioning.api.people import Json, People
from provisioning.api.problems import wrong
from provisioning.changes import Accepted, Action, GroupData
from provisioning.configuration import ConfigurationError
from provisioning.configuration.nodes import ListOf, Object, Text
from provisioning.models import PassingMember
from provisioning.searching import as_uuid

MOST = 10_000
"""Members that one request may name."""
NAMES = ListOf(Text(blank=False))
MEMBERS = Object({"members": NAMES, "add_members": NAMES, "remove_members": NAMES})
"""Keys of a group beside those of the file: user names or ids."""


@resource("Group", "a group", "groups")
class Groups(People):
    model = Group
    entity_type = EntityType.GROUP
    key, column = "name", "name_key"
    read_only = frozenset({"id", "kind", "member_count", "created", "modified", "version"})
    filterset_class = filters.Groups
    queryset = Group.objects.none()
    parameters = {"members": frozenset({"limit", "cursor"})}

    def rows(self) -> QuerySet[Group]:
        return Group.objects.filter(tenant=self.tenant).prefetch_related("store")

    def checked(self, body: Json) -> Mapping[str, Any]:
        own = {k: v for k, v in body.items() if k not in MEMBERS.fields}
        entry = super().checked(own)
        if entry.get("state") == "absent":
            raise wrong(("state", "use DELETE"))
        problems: list[str] = []
        edits = MEMBERS.clean({k: v for k, v in body.items() if k not in own}, "", problems)
        if problems:
            raise ConfigurationError(*problems)
        if "members" in edits and len(edits) > 1:
            raise wrong(("members", "is all of them: add_members and remove_members go alone"))
        return {**entry, **edits}

    def write(self, row: Group | None, entry: Mapping[str, Any]) -> Accepted:
        data = GroupData(
            name=entry["name"],
            add=self._ids("add_members", entry.get("add_members", ())),
            remove=self._ids("remove_members", entry.get("remove_members", ())),
            members=self._ids("members", entry["members"]) if "members" in entry else None,
        )
        if row is None:
            return self.change(Action.CREATE, group=data)
        return self.change(Action.UPDATE, entity_id=row.pk, group=data)

    def _ids(self, field: str, names: Sequence[str]) -> list[uuid.UUID]:
        """User ids for names and ids; whoever is unknown is refused by name."""
        if len(names) > MOST:
            raise wrong((field, f"at most {MOST} at a time"))
        domains = set(queries.stores_of(self.tenant))
        keys = {name: split_name(name, domains) for name in names}
        rows = User.objects.filter(tenant=self.tenant).order_by()
        named = rows.filter(username_key__in={key_of(bare) for _, bare in keys.values()})
        columns = ("store__domain", "username_key", "pk")
        known = {(d, key): pk for d, key, pk in named.values_list(*columns)}
        wanted = {name: as_uuid(name) for name in names}
        asked = [pk for pk in wanted.values() if pk]
        there = set(rows.filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
        if self.caller.service_provider.dumb_mode:
            known |= self._sent_onward({key_of(bare) for _, bare in keys.values()})
        found, unknown = [], []
        for name, (domain, bare) in keys.items():
            pk = known.get((domain, key_of(bare)))
            pk = pk or (wanted[name] if wanted[name] in there else None)
            found.append(pk) if pk else unknown.append(name)
        if unknown:
            text = ", ".join(name[:80] for name in unknown[:10])
            raise wrong((field, f"there is no user {text}"))
        return found

    def _sent_onward(self, names: set[str]) -> dict[tuple[str, str], uuid.UUID]:
        rows = passing.rows_of(self.caller.service_provider, EntityType.USER)
        columns = ("store__domain", "name_key", "pk")
        found = rows.filter(name_key__in=names).values_list(*columns)
        return {(domain, key): pk for domain, key, pk in found}

    @members_action
    @action(detail=True)
    def members(self, request: Request, id: str, **kwargs: Any) -> Response:
        group = self.required_row(id)
        people: list[Any]
        if group._state.adding:
            sent = PassingMember.objects.filter(group_id=group.pk)
            page = self.paginate_queryset(sent.select_related("member__store")) or []
            people = [row.member for row in page]
        else:
            rows = Membership.objects.filter(group=group).select_related("user__store")
            people = [row.user for row in self.paginate_queryset(rows) or []]
        return self.get_paginated_response(
            [{"id": one.pk, "username": one.full_name} for one in people]
        )

    def total(self) -> int | None:
        return None if self.action == "members" else super().total()

    def told(self, rows: Sequence[Group]) -> list[Json]:
        return [
            {
                "id": group.pk,
                "name": group.full_name,
                "kind": "role" if group.store.domain == INTERNAL else "group",
                "member_count": group.member_count,
                "created": group.created.isoformat(),
                "modified": group.modified.isoformat(),
                "version": group.version,
            }
            for group in rows
        ]
