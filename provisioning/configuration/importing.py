"""Users of a list, whoever made it: new ones together, known ones where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from connectors import EntityType
from idp import claims
from idp.local_claims import table_of
from idp.models import Tenant, User, UserStore, key_of, split_name
from provisioning import intake, passing, subjects
from provisioning.changes import Action, Change, Door, Refused, UserData, VersionMoved
from provisioning.configuration.report import Result
from provisioning.configuration.rows import is_absent
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import resident_of

Entry = Mapping[str, Any]
Key = tuple[str, str]
"""The domain of a user store, and a folded name in it."""
Told = tuple[Result, str]
"""What became of an entry, and why it was refused."""

PART = 500
"""Entries that are looked up together."""
TRIES = 3


@dataclass(slots=True)
class Importing:
    """One tenant's people coming in by door *import* of its resident service provider."""

    tenant: Tenant
    actor: str
    dry_run: bool = False
    service_provider: ServiceProvider = field(init=False)
    table: claims.ClaimTable = field(init=False)
    domains: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.service_provider = resident_of(self.tenant)
        self.table = table_of(self.tenant)
        stores = UserStore.objects.filter(tenant=self.tenant)
        self.domains = set(stores.values_list("domain", flat=True))

    def change(self, action: Action, kind: EntityType, **fields: Any) -> Change:
        return Change(
            tenant=self.tenant,
            service_provider=self.service_provider,
            door=Door.IMPORT,
            actor=self.actor,
            action=action,
            entity_type=kind,
            **fields,
        )

    def accept(self, change: Change) -> None:
        """Make the change, unless this is a dry run. Raises `Refused`."""
        if not self.dry_run:
            intake.accept(change)

    def accept_all(self, changes: Sequence[Change]) -> Iterator[Told]:
        answers = [None] * len(changes) if self.dry_run else intake.accept_all(changes)
        for answer in answers:
            refused = isinstance(answer, Refused)
            yield (Result.REFUSED, str(answer)) if refused else (Result.CREATED, "")

    def key_of(self, name: str) -> Key:
        domain, bare = split_name(name, self.domains)
        return domain, key_of(bare)


def bring_users(importing: Importing, entries: Iterable[Entry]) -> Iterator[Told]:
    """Bring each user to what its entry says, in their order; lazily, some hundred ahead.

    A new user is created. Of a known one the claims and memberships that are given are
    written; claims that are not given keep their values, and a password acts only at
    creation. `state: absent` deletes.
    """
    entries = iter(entries)
    while part := list(islice(entries, PART)):
        yield from _bring_part(importing, part)


def _bring_part(importing: Importing, part: Sequence[Entry]) -> list[Told]:
    keys = [importing.key_of(entry["username"]) for entry in part]
    known = known_users(importing, keys)
    told: dict[int, Told] = {}
    new: dict[int, Change] = {}
    seen: set[Key] = set()
    later = []
    for index, (entry, key) in enumerate(zip(part, keys, strict=True)):
        if key in known or key in seen:
            later.append(index)
        elif is_absent(entry):
            told[index] = Result.UNCHANGED, ""
        else:
            seen.add(key)
            _make(importing, entry, index, new, told)
    told |= zip(new, importing.accept_all(list(new.values())), strict=True)
    for index in later:
        # Somebody given twice has been changed since we looked.
        user = known.pop(keys[index], None) or _find(importing, keys[index])
        told[index] = _bring_known(importing, part[index], user)
    return [told[index] for index in range(len(part))]


def _make(
    importing: Importing,
    entry: Entry,
    index: int,
    new: dict[int, Change],
    told: dict[int, Told],
) -> None:
    profile = claims.Profile(username=entry["username"])
    try:
        profile = importing.table.write_claims(entry.get("claims", {}), profile)
    except (claims.InvalidClaim, claims.UnknownClaim) as error:
        told[index] = Result.REFUSED, str(error)
        return
    data = _data(profile, entry.get("groups", ()), entry.get("password"))
    new[index] = importing.change(Action.CREATE, EntityType.USER, user=data)


def _bring_known(importing: Importing, entry: Entry, user: User | None) -> Told:
    reason = ""
    for _ in range(TRIES):
        try:
            return _changed(importing, entry, user)
        except VersionMoved as error:
            reason = str(error)
            user = _find(importing, importing.key_of(entry["username"]))
        except (Refused, claims.InvalidClaim, claims.UnknownClaim) as error:
            return Result.REFUSED, str(error)
    return Result.REFUSED, reason


def _changed(importing: Importing, entry: Entry, user: User | None) -> Told:
    """Raises `Refused` and `InvalidClaim`."""
    if is_absent(entry):
        if user is None:
            return Result.UNCHANGED, ""
        importing.accept(importing.change(Action.DELETE, EntityType.USER, entity_id=user.pk))
        return Result.DELETED, ""
    if user is None:  # deleted, or refused, since we looked
        alone: dict[int, Change] = {}
        told: dict[int, Told] = {}
        _make(importing, entry, 0, alone, told)
        return told.get(0) or next(importing.accept_all(list(alone.values())))
    before = claims.profile_of(user)
    after = importing.table.write_claims(entry.get("claims", {}), before)
    missing = _missing(importing, user, entry.get("groups", ()))
    if before == after and not missing:
        return Result.UNCHANGED, ""
    importing.accept(
        importing.change(
            Action.UPDATE,
            EntityType.USER,
            entity_id=user.pk,
            expected_version=user.version,
            user=_data(after, missing),
        )
    )
    return Result.CHANGED, ""


def _missing(importing: Importing, user: User, groups: Sequence[str]) -> list[str]:
    """The groups that the user is not in yet."""
    if not groups:
        return []
    names = subjects.group_names(user.pk)
    if importing.service_provider.dumb_mode:
        names |= subjects.passing_groups(user.pk)
    held = {importing.key_of(name) for name in names}
    return [name for name in groups if importing.key_of(name) not in held]


def _data(
    profile: claims.Profile, groups: Iterable[str], password: str | None = None
) -> UserData:
    return UserData(
        name=profile.username,
        document=profile.document,
        external_id=profile.external_id,
        active=profile.active,
        password=password,
        join=list(groups),
    )


def known_users(importing: Importing, keys: Sequence[Key]) -> dict[Key, User]:
    """Who is stored, and in dumb mode who was sent onward."""
    found = User.objects.select_related("store", "tenant").filter(
        store__tenant=importing.tenant, username_key__in={name for _, name in keys}
    )
    known = {(user.store.domain, user.username_key): user for user in found}
    if not importing.service_provider.dumb_mode:
        return known
    sent = passing.rows_of(importing.service_provider, EntityType.USER)
    sent = sent.filter(name_key__in={name for _, name in keys})
    return {(row.store.domain, row.name_key): passing.as_user(row) for row in sent} | known


def _find(importing: Importing, key: Key) -> User | None:
    return known_users(importing, [key]).get(key)
