"""`/Users`: a change of a user is made on the version that was read."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from connectors import EntityType
from idp import queries
from idp.models import Tenant, User
from provisioning import intake
from provisioning.changes import Accepted, Action, Refused, UserData, VersionMoved
from provisioning.inbound.scim2 import patch, user_bodies
from provisioning.inbound.scim2.endpoint import Endpoint
from provisioning.inbound.scim2.errors import ScimError, of_refused
from provisioning.inbound.scim2.messages import Answer, Call, check_match
from provisioning.inbound.scim2.narrowing import Lookups, user_lookups
from provisioning.inbound.scim2.operations import read_operations
from provisioning.inbound.scim2.patch import Draft
from provisioning.inbound.scim2.projection import Projection
from provisioning.inbound.scim2.rendering import Site
from provisioning.inbound.scim2.user_bodies import draft_of, user_data
from provisioning.inbound.scim2.values import Json
from provisioning.readers import Reader

ATTEMPTS = 20
BACK_OFF = 0.01
"""Seconds: the longest wait after the first lost race; twice that after the second, …"""


class Users(Endpoint[User]):
    name = "Users"
    tally = "users"
    entity_type = EntityType.USER
    columns = {"name": "userName", "version": "meta.version"}

    def read_body(self, call: Call, body: Any) -> dict[str, Any]:
        return {"user": user_data(self._draft(call, body))}

    def replace(self, call: Call, entity_id: str, body: Any) -> Answer:
        """What the body leaves out is cleared, except `active` and `password`."""
        draft = self._draft(call, body)
        return self.change(call, entity_id, lambda user: user_data(draft, active=user.active))

    def patch(self, call: Call, entity_id: str, body: Any) -> Answer:
        edit = self.read_patch(call, body)

        def patched(user: User) -> UserData:
            groups = call.reader.groups_of_users([user.pk])[user.pk] if call.passes else None
            draft = draft_of(user, groups)
            edit(draft)
            if call.passes:
                draft.setdefault("groups", [])
            return user_data(draft, active=user.active)

        return self.change(call, entity_id, patched)

    def read_patch(self, call: Call, body: Any) -> Callable[[Draft], None]:
        """What the body of a PATCH does to a draft."""
        operations = read_operations(body, strict=call.strict)
        return lambda draft: patch.apply(self.schema, draft, operations, strict=call.strict)

    def _draft(self, call: Call, body: Any) -> Draft:
        return user_bodies.read_body(self.schema, body, strict=call.strict)

    def rows(self, tenant: Tenant) -> QuerySet[User]:
        return queries.users_of(tenant)

    def with_id(self, reader: Reader, key: uuid.UUID) -> User | None:
        return reader.user_with_id(key)

    def lookups(self, tenant: Tenant) -> Lookups:
        return user_lookups(tenant)

    def render(
        self, entities: Sequence[User], site: Site, projection: Projection, reader: Reader
    ) -> list[Json]:
        groups: Mapping[Any, Any] = {}
        if projection.wants(self.schema, "groups"):
            groups = reader.groups_of_users([user.pk for user in entities])
        rendered = (
            user_bodies.render_user(user, site, groups.get(user.pk, ())) for user in entities
        )
        return [projection.apply(self.schema, resource) for resource in rendered]

    def change(self, call: Call, entity_id: str, make: Callable[[User], UserData]) -> Answer:
        """Read, change, store; again when somebody else was faster, unless If-Match says no."""
        for attempt in range(ATTEMPTS):
            time.sleep(random.uniform(0, BACK_OFF * attempt))  # noqa: S311 - a wait, no secret
            user = self.find(call, entity_id)
            check_match(user, call)
            try:
                return self.answer(call, self._store(call, user, make(user)))
            except VersionMoved as moved:
                if call.if_match:
                    raise of_refused(moved, self.columns) from moved
        raise ScimError(409, "The user is being changed by others all the time; try again.")

    def _store(self, call: Call, user: User, data: UserData) -> Accepted:
        change = call.change(
            Action.UPDATE,
            self.entity_type,
            entity_id=user.pk,
            expected_version=user.version,
            user=data,
        )
        try:
            return intake.accept(change)
        except VersionMoved:
            raise
        except Refused as refused:
            raise of_refused(refused, self.columns) from refused
