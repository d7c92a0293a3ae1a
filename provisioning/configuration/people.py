"""Users and groups of a file: through `accept`, like anybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connectors import EntityType
from idp import claims
from idp.models import Group, Tenant, User, UserStore, key_of, split_name
from provisioning import intake, subjects
from provisioning.changes import (
    Action,
    Change,
    Door,
    GroupData,
    Refused,
    UserData,
    VersionMoved,
)
from provisioning.configuration.report import Applying, Line, Result
from provisioning.configuration.rows import is_absent, present
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import resident_of

Entry = Mapping[str, Any]
TRIES = 3


@dataclass(slots=True)
class Importing:
    """One tenant's people coming in by door *import* of its resident service provider."""

    run: Applying
    tenant: Tenant
    service_provider: ServiceProvider = field(init=False)
    domains: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.service_provider = resident_of(self.tenant)
        stores = UserStore.objects.filter(tenant=self.tenant)
        self.domains = set(stores.values_list("domain", flat=True))

    def change(self, action: Action, kind: EntityType, **fields: Any) -> None:
        """Make the change; in a dry run only tell it."""
        if self.run.report.dry_run:
            return
        change = Change(
            tenant=self.tenant,
            service_provider=self.service_provider,
            door=Door.IMPORT,
            actor=self.run.actor,
            action=action,
            entity_type=kind,
            **fields,
        )
        intake.accept(change)

    def tell(self, kind: str, name: str, result: Result, reason: str = "") -> None:
        reasons = [reason] if reason else []
        self.run.report.lines.append(Line(kind, self.tenant.domain, name, result, reasons))


def apply_people(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    """Groups first, then users. One that is refused is told, and the others go on."""
    importing = Importing(run, tenant)
    for index, group in enumerate(entry.get("groups", ())):
        where = f"{path}.groups[{index}]"
        _try(importing, "group", group["name"], where, partial(_group, importing, group))
    for index, user in enumerate(entry.get("users", ())):
        where = f"{path}.users[{index}]"
        act = partial(bring_user, importing, user)
        _try(importing, "user", user["username"], where, act)


def _try(
    importing: Importing, kind: str, name: str, path: str, act: Callable[[], Result | None]
) -> None:
    for again in reversed(range(TRIES)):
        try:
            result = act()
        except VersionMoved as error:
            if not again:
                importing.tell(kind, name, Result.REFUSED, f"{path}: {error}")
        except (Refused, claims.InvalidClaim) as error:
            importing.tell(kind, name, Result.REFUSED, f"{path}: {error}")
            return
        else:
            importing.tell(kind, name, result or Result.UNCHANGED)
            return


def _group(importing: Importing, entry: Entry) -> Result | None:
    group = find_group(importing, entry["name"])
    if is_absent(entry):
        if group is None:
            return None
        importing.change(Action.DELETE, EntityType.GROUP, entity_id=group.pk)
        return Result.DELETED
    if group is not None:
        return None
    importing.change(Action.CREATE, EntityType.GROUP, group=GroupData(name=entry["name"]))
    return Result.CREATED


def bring_user(importing: Importing, entry: Entry) -> Result | None:
    """Create the user, or write the claims and add the memberships that are given.

    Claims that are not given keep their values; a password (and its `password_hash`, where
    it was made beforehand) acts only at creation. Raises `Refused` and `InvalidClaim`.
    """
    user = find_user(importing, entry["username"])
    if is_absent(entry):
        if user is None:
            return None
        importing.change(Action.DELETE, EntityType.USER, entity_id=user.pk)
        return Result.DELETED
    given = entry.get("claims", {})
    if user is None:
        profile = claims.write_claims(given, claims.Profile(username=entry["username"]))
        secret = present(entry, "password", "password_hash")
        data = _data(profile, entry.get("groups", ()), **secret)
        importing.change(Action.CREATE, EntityType.USER, user=data)
        return Result.CREATED
    return _change(importing, user, given, entry.get("groups", ()))


def _change(
    importing: Importing, user: User, given: Mapping[str, Any], groups: Iterable[str]
) -> Result | None:
    before = claims.profile_of(user)
    after = claims.write_claims(given, before)
    held = {key_of(name) for name in subjects.group_names(user.pk)}
    missing = [name for name in groups if key_of(_full(importing, name)) not in held]
    if before == after and not missing:
        return None
    importing.change(
        Action.UPDATE,
        EntityType.USER,
        entity_id=user.pk,
        expected_version=user.version,
        user=_data(after, missing),
    )
    return Result.CHANGED


def _data(profile: claims.Profile, groups: Iterable[str], **secret: str) -> UserData:
    return UserData(
        name=profile.username,
        document=profile.document,
        external_id=profile.external_id,
        active=profile.active,
        join=list(groups),
        **secret,
    )


def _full(importing: Importing, name: str) -> str:
    domain, bare = split_name(name, importing.domains)
    return UserStore(domain=domain).full_name(bare)


def find_user(importing: Importing, name: str) -> User | None:
    domain, bare = split_name(name, importing.domains)
    found = User.objects.select_related("store", "tenant").filter(
        store__tenant=importing.tenant, store__domain=domain, username_key=key_of(bare)
    )
    return found.first()


def find_group(importing: Importing, name: str) -> Group | None:
    domain, bare = split_name(name, importing.domains)
    found = Group.objects.filter(
        store__tenant=importing.tenant, store__domain=domain, name_key=key_of(bare)
    )
    return found.first()
