"""Users and roles by name: this service knows them by nothing else.

A service provider with a user store of its own (*provision users to*) sees that store only,
so that a bare name means one person in every operation. Roles (`Internal/…`) are everybody's.
"""

from __future__ import annotations

import fnmatch
import re
import uuid
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from django.db.models import QuerySet

from connectors import EntityType
from idp import queries
from idp.models import INTERNAL, Group, User, UserStore, key_of, split_name
from provisioning import passing
from provisioning.inbound.soap.faults import SoapFault, missing, wrong
from provisioning.models import PassingEntity
from provisioning.readers import Reader
from serviceproviders.models import ServiceProvider

MOST = 10_000
"""Names in one list of users."""
PAGE = 2_000
BATCH = 500
PATTERN_LENGTH = 400
"""A store's prefix, a name, and something wild in it."""
_WILD = re.compile(r"[*?]")


class Names:
    def __init__(self, service_provider: ServiceProvider, reader: Reader) -> None:
        self.service_provider = service_provider
        self.reader = reader
        self.passes = service_provider.dumb_mode
        self.own: UserStore | None = None if self.passes else service_provider.user_store

    @cached_property
    def stores(self) -> dict[str, UserStore]:
        return queries.user_stores(self.service_provider.tenant)

    # one

    def user(self, name: str, parameter: str = "userName") -> User:
        """Raises `SoapFault`."""
        found = self.find_user(name)
        if found is None:
            raise self._nobody(name, parameter)
        return found

    def role(self, name: str, parameter: str = "roleName") -> Group:
        """A role, or a group: here both are what WSO2 calls a role. Raises `SoapFault`."""
        found = self.find_role(name)
        if found is None:
            raise missing(parameter, f"there is no role {name[:200]}{self._where}.")
        return found

    def find_user(self, name: str) -> User | None:
        full = self.full_name(name)
        return None if full is None else self.reader.user_named(full)

    def find_role(self, name: str) -> Group | None:
        full = self.full_name(name)
        return None if full is None else self.reader.group_named(full)

    def full_name(self, name: str) -> str | None:
        """A name as we write it; None when it is in a store that the caller does not see."""
        domain, bare = split_name(name, set(self.stores))
        if self.own is not None and domain not in (self.own.domain, INTERNAL):
            if bare != name:
                return None
            domain = self.own.domain
        return self.stores[domain].full_name(bare)

    def in_store_of(self, group: Group, name: str) -> str:
        """A new name for a group, which stays in its store unless the name says another."""
        _, bare = split_name(name, set(self.stores))
        return name if bare != name else group.store.full_name(bare)

    @property
    def _where(self) -> str:
        return f" in the user store {self.own}" if self.own else ""

    # several

    def user_ids(self, names: Sequence[str], parameter: str) -> list[uuid.UUID]:
        """The ids of these users, in a query for some hundred of them. Raises `SoapFault`."""
        found: dict[tuple[str, str], uuid.UUID] = {}
        keys = [self._key(name, parameter) for name in names]
        for domain in dict.fromkeys(domain for domain, _ in keys):
            rows, field = self._users()
            rows = rows.filter(store=self.stores[domain].pk)
            here = list(dict.fromkeys(key for there, key in keys if there == domain))
            for start in range(0, len(here), BATCH):
                part = rows.filter(**{f"{field}__in": here[start : start + BATCH]})
                found |= {(domain, key): pk for key, pk in part.values_list(field, "pk")}
        for name, key in zip(names, keys, strict=True):
            if key not in found:
                raise self._nobody(name, parameter)
        return list(dict.fromkeys(found[key] for key in keys))

    def _key(self, name: str, parameter: str) -> tuple[str, str]:
        full = self.full_name(name)
        if full is None:
            raise self._nobody(name, parameter)
        domain, bare = split_name(full, set(self.stores))
        return domain, key_of(bare)

    def _nobody(self, name: str, parameter: str) -> SoapFault:
        return missing(parameter, f"there is no user {name[:200]}{self._where}.")

    def users_like(self, pattern: str, most: int, parameter: str) -> list[str]:
        """The full names that a pattern with `*` and `?` finds, with a store's prefix or in
        all stores; compared without case, in the order of their names. Raises `SoapFault`."""
        if len(pattern) > PATTERN_LENGTH:
            raise wrong(parameter, f"takes at most {PATTERN_LENGTH} characters.")
        domain, bare = split_name(pattern, set(self.stores))
        stores = self._seen() - {INTERNAL}
        if bare != pattern:
            stores &= {domain}
        found: list[str] = []
        for full_name, key in self._like(stores, key_of(bare)):
            if len(found) == most:
                break
            if _matches(key, key_of(bare)):
                found.append(full_name)
        return found

    def _like(self, stores: Collection[str], key: str) -> Iterator[tuple[str, str]]:
        """Full names and folded names: at least those that match."""
        rows, field = self._users()
        rows = rows.filter(store__in=[self.stores[domain].pk for domain in stores])
        start, *rest = _WILD.split(key)
        if not rest:
            rows = rows.filter(**{field: key})
        else:
            rows = rows.filter(
                **{f"{field}__startswith": start, f"{field}__endswith": rest[-1]}
            )
        column = "username" if field == "username_key" else "name"
        named = rows.order_by(field, "pk").values_list("store__domain", column, field)
        for domain, name, folded in named.iterator(chunk_size=PAGE):
            yield self.stores[domain].full_name(name), folded

    def _users(self) -> tuple[QuerySet[User] | QuerySet[PassingEntity], str]:
        if self.passes:
            rows = passing.rows_of(self.service_provider, EntityType.USER)
            return rows.select_related(None), "name_key"
        return User.objects.filter(tenant=self.service_provider.tenant), "username_key"

    def roles(self, *, internal: bool = False) -> list[str]:
        """All roles and groups, or those of `Internal` only, by name."""
        stores = {INTERNAL} if internal else self._seen()
        rows: QuerySet[Group] | QuerySet[PassingEntity]
        if self.passes:
            rows = passing.rows_of(self.service_provider, EntityType.GROUP)
            rows = rows.select_related(None)
        else:
            rows = Group.objects.filter(tenant=self.service_provider.tenant)
        rows = rows.filter(
            store__in=[self.stores[one].pk for one in stores if one in self.stores]
        )
        named = rows.order_by("name_key", "pk").values_list("store__domain", "name")
        return [
            self.stores[domain].full_name(name)
            for domain, name in named.iterator(chunk_size=PAGE)
        ]

    def members(self, group: Group) -> list[str]:
        """The full names of its members whom the caller sees, by name."""
        if self.passes:
            ids = [member.id for member in self.reader.members_of(group)]
            rows = passing.rows_of(self.service_provider, EntityType.USER)
            return sorted(row.full_name for row in rows.filter(pk__in=ids))
        stores = [self.stores[domain].pk for domain in self._seen()]
        users = User.objects.filter(queries.in_group(group.pk), store__in=stores)
        named = users.order_by("username_key", "pk").values_list("store__domain", "username")
        return [
            self.stores[domain].full_name(name)
            for domain, name in named.iterator(chunk_size=PAGE)
        ]

    def _seen(self) -> set[str]:
        if self.own is not None:
            return {self.own.domain, INTERNAL} & set(self.stores)
        return set(self.stores)


def _matches(key: str, pattern: str) -> bool:
    """Only `*` and `?` are wild. What `fnmatch` makes of it does not go back and forth."""
    return fnmatch.fnmatchcase(key, pattern.replace("[", "[[]"))
