"""Reads of user stores: find, filter, page. Each costs the same with ten users and a million.

Conditions (`Q`) are exact unless their name or docstring says that they only narrow.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, UUIDField
from django.db.models.functions import Length

from idp.models import Group, Membership, SearchValue, Tenant, User, UserStore, key_of
from idp.models.userstore import PRIMARY, split_name
from idp.prepared import Parameter, Prepared

Stores = Mapping[str, uuid.UUID]
NOTHING = Q(pk__in=())
_PAGE = 2_000


class GroupRef(NamedTuple):
    """Without an id: a group that is only known by name."""

    id: uuid.UUID | None
    name: str


class Member(NamedTuple):
    """`display` is what the person is called: may be empty, and is never the user name."""

    id: uuid.UUID
    display: str


def _id(name: str) -> Parameter:
    return Parameter(name, UUIDField())


_STORES = Prepared(
    lambda: UserStore.objects.filter(tenant_id=_id("tenant")).order_by(), remembers=True
)


def user_stores(tenant: Tenant) -> dict[str, UserStore]:
    """The tenant's user stores by domain."""
    return {store.domain: store for store in _STORES.all(tenant=tenant.pk)}


def stores_of(tenant: Tenant) -> Stores:
    """Store ids by domain."""
    return {domain: store.pk for domain, store in user_stores(tenant).items()}


def users_of(tenant: Tenant) -> QuerySet[User]:
    return User.objects.filter(tenant=tenant).select_related("store")


def groups_of(tenant: Tenant) -> QuerySet[Group]:
    return Group.objects.filter(tenant=tenant).select_related("store")


_USER = Prepared(
    lambda: User.objects.filter(tenant_id=_id("tenant"), pk=_id("id")).select_related("store")
)
_GROUP = Prepared(
    lambda: Group.objects.filter(tenant_id=_id("tenant"), pk=_id("id")).select_related("store")
)


def user_with_id(tenant: Tenant, user_id: uuid.UUID) -> User | None:
    return _USER.first(tenant=tenant.pk, id=user_id)


def group_with_id(tenant: Tenant, group_id: uuid.UUID) -> Group | None:
    return _GROUP.first(tenant=tenant.pk, id=group_id)


def groups_of_users(users: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[GroupRef]]:
    """The groups of each of these users, in one query, oldest group first."""
    found: dict[uuid.UUID, list[GroupRef]] = defaultdict(list)
    rows = (
        _GROUPS_OF_ONE.all(user=users[0])
        if len(users) == 1
        else _group_refs(Membership.objects.filter(user__in=users))
    )
    for user, group, domain, name in rows:
        found[user].append(GroupRef(group, _full_name(domain, name)))
    return found


def _group_refs(
    memberships: QuerySet[Membership],
) -> QuerySet[Membership, tuple[uuid.UUID, uuid.UUID, str, str]]:
    return memberships.order_by("group_id").values_list(
        "user_id", "group_id", "group__store__domain", "group__name"
    )


_GROUPS_OF_ONE = Prepared(lambda: _group_refs(Membership.objects.filter(user_id=_id("user"))))


def members_of_groups(groups: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Member]]:
    """The members of each of these groups, in one query."""
    found: dict[uuid.UUID, list[Member]] = defaultdict(list)
    for group, member in _members(groups):
        found[group].append(member)
    return found


def _members(groups: Sequence[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Member]]:
    rows = Membership.objects.filter(group__in=groups).order_by("id")
    for group, user, *called in rows.values_list(
        "group_id",
        "user_id",
        "user__document__displayName",
        "user__document__name__formatted",
        "user__document__name__givenName",
        "user__document__name__familyName",
    ).iterator(chunk_size=_PAGE):
        yield group, Member(user, _display(*called))


def _display(
    name: str | None, formatted: str | None, given: str | None, last: str | None
) -> str:
    return name or formatted or " ".join(part for part in (given, last) if part)


def members_of(group: Group) -> Iterator[Member]:
    return (member for _, member in _members([group.pk]))


def _full_name(domain: str, name: str) -> str:
    return name if domain == PRIMARY else f"{domain}/{name}"


def named(stores: Stores, full_name: str, field: str) -> Q:
    """The entity of that full name; `field` is `username_key` or `name_key`."""
    domain, name = split_name(full_name, set(stores))
    if "\0" in name or domain not in stores:
        return NOTHING
    return Q(store_id=stores[domain], **{field: key_of(name)})


def name_starts(stores: Stores, start: str, field: str) -> Q:
    """Full names that begin so, without case."""
    key = key_of(start)
    return _any_store(stores, lambda prefix: _starts(prefix, key, field))


def name_ends(stores: Stores, end: str, field: str) -> Q:
    key = key_of(end)
    return _any_store(stores, lambda prefix: _ends(prefix, key, field))


def name_contains(stores: Stores, part: str, field: str) -> Q:
    key = key_of(part)
    return _any_store(stores, lambda prefix: _contains(prefix, key, field))


def searchable(tenant: Tenant, path: str, value: str) -> Q:
    """Users with that value at a path of `idp.userstores.SEARCHABLE`, without case.

    Only narrows when the value is as long as the column: what is longer was cut.
    """
    folded = value.casefold()[: SearchValue.LENGTH]
    return Q(pk__in=_search_rows(tenant, path).filter(value=folded).values("user"))


def searchable_starts(tenant: Tenant, path: str, start: str) -> Q:
    folded = start.casefold()[: SearchValue.LENGTH]
    return Q(pk__in=_search_rows(tenant, path).filter(value__startswith=folded).values("user"))


def searchable_contains(tenant: Tenant, path: str, part: str) -> Q:
    """Only narrows: what was cut to the length of the column may go on."""
    rows = _search_rows(tenant, path).alias(length=Length("value"))
    held = rows.filter(Q(value__contains=part.casefold()) | Q(length__gte=SearchValue.LENGTH))
    return Q(pk__in=held.values("user"))


def searchable_present(tenant: Tenant, path: str) -> Q:
    """Only narrows: empty values have rows as well."""
    return Q(Exists(_search_rows(tenant, path).filter(user=OuterRef("pk"))))


def with_external_id(external_id: str) -> Q:
    """The second condition is what the partial index says: without it SQLite passes it over."""
    return Q(external_id=external_id) & ~Q(external_id="")


def in_group(group: uuid.UUID) -> Q:
    return Q(pk__in=Membership.objects.filter(group_id=group).values("user"))


def has_member(user: uuid.UUID) -> Q:
    return Q(pk__in=Membership.objects.filter(user_id=user).values("group"))


def _search_rows(tenant: Tenant, path: str) -> QuerySet[SearchValue]:
    return SearchValue.objects.filter(tenant=tenant, path=path)


def _any_store(stores: Stores, condition: Callable[[str], Q]) -> Q:
    found = NOTHING
    for domain, store in stores.items():
        prefix = "" if domain == PRIMARY else key_of(f"{domain}/")
        found |= Q(store_id=store) & condition(prefix)
    return found


def _starts(prefix: str, key: str, field: str) -> Q:
    if prefix.startswith(key):
        return Q()
    if not key.startswith(prefix):
        return NOTHING
    return Q(**{f"{field}__startswith": key[len(prefix) :]})


def _ends(prefix: str, key: str, field: str) -> Q:
    """The name ends so, or is the rest of what the prefix began."""
    found = Q(**{f"{field}__endswith": key})
    for rest in _after(prefix, key):
        found |= Q(**{field: rest})
    return found


def _contains(prefix: str, key: str, field: str) -> Q:
    if key in prefix:
        return Q()
    found = Q(**{f"{field}__contains": key})
    for rest in _after(prefix, key):
        found |= Q(**{f"{field}__startswith": rest})
    return found


def _after(prefix: str, key: str) -> Iterable[str]:
    """What is left of the key when its beginning is the end of the prefix."""
    return (key[n:] for n in range(1, len(key)) if prefix.endswith(key[:n]))
