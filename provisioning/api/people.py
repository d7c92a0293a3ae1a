"""Users and groups: read from the stores, written through `intake.accept`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connectors import EntityType
from idp import claims, queries, tallies
from idp.models import INTERNAL, Group, Membership, User, key_of, split_name
from provisioning import intake
from provisioning.api import filters
from provisioning.api.described import members_action, resource
from provisioning.api.problems import missing, wrong
from provisioning.api.views import ApiView, outcome_headers
from provisioning.changes import (
    Accepted,
    Action,
    Change,
    Door,
    GroupData,
    UserData,
    VersionMoved,
)
from provisioning.configuration import ConfigurationError, single
from provisioning.configuration.export import user_entry
from provisioning.configuration.nodes import ListOf, Object, Text
from provisioning.searching import as_uuid

TRIES = 5
MOST = 10_000
"""Members that one request may name."""
Json = dict[str, Any]


class People(ApiView):
    """What both do alike. An absent key keeps its value; PUT also creates."""

    entity_type: EntityType
    key: str
    column: str
    read_only: frozenset[str]

    def rows(self) -> QuerySet[Any]:
        raise LookupError(f"{type(self).__name__} has no rows")

    def write(self, row: Any, entry: Mapping[str, Any]) -> Accepted:
        """Create, or bring the row to the entry."""
        raise LookupError(f"{type(self).__name__} writes nothing")

    def row_of(self, id: str) -> Any:
        """By id or full name; None when there is none."""
        key = as_uuid(id)
        row = self.rows().filter(pk=key).first() if key else None
        if row is not None:
            return row
        stores = queries.stores_of(self.tenant)
        return self.rows().filter(queries.named(stores, id, self.column)).first()

    def required_row(self, id: str) -> Any:
        row = self.row_of(id)
        if row is None:
            raise missing(f"{self.entity_type} {id[:80]}")
        return row

    def entry(self, name: str | None = None) -> Mapping[str, Any]:
        """The checked body; `name` when the address says it."""
        body = {k: v for k, v in self.body().items() if k not in self.read_only}
        if name is not None:
            body.setdefault(self.key, name)
        return self.checked(body)

    def checked(self, body: Json) -> Mapping[str, Any]:
        return single.cleaned(f"{self.entity_type}s", body)

    def change(self, action: Action, **fields: Any) -> Accepted:
        return intake.accept(
            Change(
                tenant=self.tenant,
                service_provider=self.caller.service_provider,
                door=Door.REST,
                actor=self.caller.actor,
                action=action,
                entity_type=self.entity_type,
                **fields,
            )
        )

    def total(self) -> int | None:
        asked = any(self.request.query_params.get(name) for name in ("search", self.key))
        return None if asked else tallies.total(self.tenant, f"{self.entity_type}s")

    def answered(self, accepted: Accepted, *, created: bool = False) -> Response:
        headers = outcome_headers(accepted.outcomes)
        told = self.told_one(self.required_row(str(accepted.entity_id)))
        if created:
            headers["Location"] = f"{self.list_address}{accepted.entity_id}/"
        return Response(told, status=201 if created else 200, headers=headers)

    @property
    def list_address(self) -> str:
        path, plural = self.request.path, f"/{self.entity_type}s"
        here = path[: path.index(plural) + len(plural)]
        return self.request.build_absolute_uri(f"{here}/")

    # actions

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.listed(self.rows())

    def retrieve(self, request: Request, id: str, **kwargs: Any) -> Response:
        return Response(self.told_one(self.required_row(id)))

    def create(self, request: Request, **kwargs: Any) -> Response:
        return self.answered(self.write(None, self.entry()), created=True)

    def update(self, request: Request, id: str, **kwargs: Any) -> Response:
        row = self.row_of(id)
        if row is None and as_uuid(id):
            raise missing(f"{self.entity_type} {id}")
        entry = self.entry(row.full_name if row is not None else id)
        if row is None and key_of(entry[self.key]) != key_of(id):
            raise wrong((self.key, "is another one than the address names"))
        return self.answered(self.write(row, entry), created=row is None)

    def partial_update(self, request: Request, id: str, **kwargs: Any) -> Response:
        row = self.required_row(id)
        return self.answered(self.write(row, self.entry(row.full_name)))

    def destroy(self, request: Request, id: str, **kwargs: Any) -> Response:
        accepted = self.change(Action.DELETE, entity_id=self.required_row(id).pk)
        return Response(status=204, headers=outcome_headers(accepted.outcomes))


@resource("User", "users")
class Users(People):
    model = User
    entity_type = EntityType.USER
    key, column = "username", "username_key"
    read_only = frozenset({"id", "active", "created", "modified", "version"})
    filterset_class = filters.Users
    queryset = User.objects.none()

    def rows(self) -> QuerySet[User]:
        # Not joined: the page must come out of the index on (tenant, id).
        return User.objects.filter(tenant=self.tenant).prefetch_related("store")

    def checked(self, body: Json) -> Mapping[str, Any]:
        entry = super().checked(body)
        if entry.get("state") == "absent":
            raise wrong(("state", "use DELETE"))
        return entry

    def write(self, row: User | None, entry: Mapping[str, Any]) -> Accepted:
        if row is None:
            empty = claims.Profile(username=entry["username"])
            return self.change(Action.CREATE, user=_data(entry, empty))
        return self._again(row, lambda user: _data(entry, claims.profile_of(user)))

    def _again(self, row: User, make: Callable[[User], UserData]) -> Accepted:
        """On the version that was read; once more when somebody else was faster."""
        for left in reversed(range(TRIES)):
            try:
                return self.change(
                    Action.UPDATE,
                    entity_id=row.pk,
                    expected_version=row.version,
                    user=make(row),
                )
            except VersionMoved:
                if not left:
                    raise
                row = self.required_row(str(row.pk))
        raise missing(f"user {row.pk}")

    def told(self, rows: Sequence[User]) -> list[Json]:
        groups = queries.groups_of_users([user.pk for user in rows]) if rows else {}
        return [
            {
                "id": user.pk,
                **user_entry(user, sorted(ref.name for ref in groups.get(user.pk, ()))),
                "active": user.active,
                "created": user.created.isoformat(),
                "modified": user.modified.isoformat(),
                "version": user.version,
            }
            for user in rows
        ]


def _data(entry: Mapping[str, Any], before: claims.Profile) -> UserData:
    after = claims.write_claims(entry.get("claims", {}), before)
    return UserData(
        name=entry["username"],
        document=after.document,
        external_id=after.external_id,
        active=after.active,
        password=entry.get("password"),
        join=entry.get("groups", ()),
    )


NAMES = ListOf(Text(blank=False))
MEMBERS = Object({"members": NAMES, "add_members": NAMES, "remove_members": NAMES})
"""Keys of a group beside those of the file: user names or ids."""


@resource("Group", "groups")
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
        found, unknown = [], []
        for name, (domain, bare) in keys.items():
            pk = known.get((domain, key_of(bare)))
            pk = pk or (wanted[name] if wanted[name] in there else None)
            found.append(pk) if pk else unknown.append(name)
        if unknown:
            text = ", ".join(name[:80] for name in unknown[:10])
            raise wrong((field, f"there is no user {text}"))
        return found

    @members_action
    @action(detail=True)
    def members(self, request: Request, id: str, **kwargs: Any) -> Response:
        group = self.required_row(id)
        rows = Membership.objects.filter(group=group).select_related("user__store")
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(
            [{"id": row.user_id, "username": row.user.full_name} for row in page]
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
