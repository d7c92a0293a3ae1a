"""What writing a user and writing a group have in common."""

from __future__ import annotations

import uuid

from django.db.models import Max

from idp.models import INTERNAL, UserStore, split_name
from idp.userstores import DatabaseStore
from provisioning.changes import INBOUND, InvalidValue, NotFound, VersionMoved
from provisioning.models import Job
from provisioning.writes.written import Prepared


class Writer:
    def __init__(self, prepared: Prepared, store: DatabaseStore) -> None:
        self.change = prepared.change
        self.password_hash = prepared.password_hash
        self.store = store

    def _place(self, name: str, field_name: str) -> tuple[UserStore, str]:
        """The store and the bare name of a full name. Raises `InvalidValue`."""
        if not name or len(name) > 255 or any(ord(char) < 32 for char in name):
            raise InvalidValue(
                f"{field_name}: a name has 1 to 255 characters and no control characters",
                field=field_name,
            )
        stores = self.store.stores
        domain, bare = split_name(name, set(stores))
        if self._inbound_store is not None and domain != INTERNAL:
            return self._inbound_store, bare
        return stores[domain], bare

    @property
    def _inbound_store(self) -> UserStore | None:
        """The store the caller's service provider works in, whatever prefix a name has."""
        store = self.change.service_provider.user_store
        return store if self.change.door in INBOUND else None

    def _check_store(self, store: UserStore, field_name: str) -> None:
        """A service provider with a user store of its own reaches no other."""
        own = self._inbound_store
        if own is not None and store.pk != own.pk and store.domain != INTERNAL:
            raise InvalidValue(
                f"{field_name}: it is in the user store {store}, and the service provider "
                f"{self.change.service_provider} works in {own}",
                field=field_name,
            )

    def _version(self, entity_id: uuid.UUID) -> int:
        """1, or for an entity that is restored one more than its jobs have seen."""
        if self.change.entity_id is None:
            return 1
        last = Job.objects.filter(entity_id=entity_id).aggregate(last=Max("version"))["last"]
        return (last or 0) + 1

    def _check_version(self, version: int) -> None:
        expected = self.change.expected_version
        if expected is not None and expected != version:
            raise VersionMoved("it was changed by somebody else meanwhile", field="version")

    def _id(self) -> uuid.UUID:
        if self.change.entity_id is None:
            raise NotFound("an update or delete needs the id", field="id")
        return self.change.entity_id
