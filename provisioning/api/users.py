"""Users: their claims by uri, and the groups they are in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from connectors import EntityType
from idp import claims, queries
from idp.local_claims import table_of
from idp.models import User
from provisioning.api import filters
from provisioning.api.described import resource
from provisioning.api.people import Json, People
from provisioning.api.problems import missing, wrong
from provisioning.changes import Accepted, Action, UserData, VersionMoved
from provisioning.configuration import single
from provisioning.configuration.export import user_entry
from provisioning.readers import PassingReader

TRIES = 5


@resource("User", "a user", "users")
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
        entry = single.checked_user(self.tenant, body)
        if entry.get("state") == "absent":
            raise wrong(("state", "use DELETE"))
        return entry

    def write(self, row: User | None, entry: Mapping[str, Any]) -> Accepted:
        table = table_of(self.tenant)
        if row is None:
            empty = claims.Profile(username=entry["username"])
            return self.change(Action.CREATE, user=_data(table, entry, empty))
        return self._again(row, lambda user: _data(table, entry, claims.profile_of(user)))

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
        table = table_of(self.tenant)
        stored = [user.pk for user in rows if not user._state.adding]
        groups = dict(queries.groups_of_users(stored)) if stored else {}
        if sent := [user.pk for user in rows if user._state.adding]:
            groups |= PassingReader(self.caller.service_provider).groups_of_users(sent)
        return [
            {
                "id": user.pk,
                **user_entry(table, user, sorted(ref.name for ref in groups.get(user.pk, ()))),
                "active": user.active,
                "created": user.created.isoformat(),
                "modified": user.modified.isoformat(),
                "version": user.version,
            }
            for user in rows
        ]


def _data(
    table: claims.ClaimTable, entry: Mapping[str, Any], before: claims.Profile
) -> UserData:
    after = table.write_claims(entry.get("claims", {}), before)
    return UserData(
        name=entry["username"],
        document=after.document,
        external_id=after.external_id,
        active=after.active,
        password=entry.get("password"),
        join=entry.get("groups", ()),
    )
