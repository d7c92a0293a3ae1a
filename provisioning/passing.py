"""Who passes through (dumb mode): their rows, in the shape of a store's users and groups.

A `User` or `Group` made here has no row of its own and is never saved.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from connectors import EntityType
from idp.models import Group, User, key_of
from provisioning.models import Job, LinkState, PassingEntity, ProvisionedEntity
from serviceproviders.models import ServiceProvider

BATCH = 500


def rows_of(service_provider: ServiceProvider, kind: EntityType) -> QuerySet[PassingEntity]:
    """What the service provider sees: deleted ones are gone, whatever is still under way."""
    rows = PassingEntity.objects.filter(
        service_provider=service_provider, entity_type=kind, deleted=None
    )
    return rows.select_related("store", "tenant")


def user(service_provider: ServiceProvider, user_id: uuid.UUID) -> User | None:
    row = rows_of(service_provider, EntityType.USER).filter(pk=user_id).first()
    return as_user(row) if row else None


def exists(service_provider: ServiceProvider, user_id: uuid.UUID) -> bool:
    return rows_of(service_provider, EntityType.USER).filter(pk=user_id).exists()


def named(
    service_provider: ServiceProvider, kind: EntityType, domain: str, name_keys: Iterable[str]
) -> list[PassingEntity]:
    """Those of these folded names in the store of that domain."""
    rows = rows_of(service_provider, kind)
    return list(rows.filter(store__domain=domain, name_key__in=list(name_keys)))


def as_user(row: PassingEntity) -> User:
    state = row.state
    return User(
        id=row.pk,
        tenant=row.tenant,
        store=row.store,
        username=row.name,
        username_key=row.name_key,
        external_id=row.external_id,
        active=state.get("active", True),
        document=state.get("document", {}),
        version=row.version,
        created=row.created,
        modified=row.modified,
    )


def as_group(row: PassingEntity) -> Group:
    return Group(
        id=row.pk,
        tenant=row.tenant,
        store=row.store,
        name=row.name,
        name_key=row.name_key,
        external_id=row.external_id,
        member_count=row.member_count,
        version=row.version,
        created=row.created,
        modified=row.modified,
    )


def as_entity(row: PassingEntity) -> User | Group:
    return as_user(row) if row.entity_type == EntityType.USER else as_group(row)


def said_groups(row: PassingEntity) -> list[str]:
    """The groups that requests said a user is in, beside those that pass through too."""
    names: list[str] = row.state.get("groups", [])
    return names


def without_known(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """The names that are not among the known ones, each once, compared without case."""
    seen = {key_of(name) for name in known}
    kept = []
    for name in names:
        if key_of(name) not in seen:
            seen.add(key_of(name))
            kept.append(name)
    return kept


def forgettable() -> QuerySet[PassingEntity]:
    """Deleted ones that no target has an account of any more, and no job is on its way for.

    An account that is only owed its removal is still there.
    """
    here = ProvisionedEntity.objects.filter(entity_id=OuterRef("pk"), state=LinkState.LINKED)
    jobs = Job.objects.filter(entity_id=OuterRef("pk"), is_open=True)
    return PassingEntity.objects.filter(~Exists(here), ~Exists(jobs), deleted__isnull=False)


def forget(ids: Iterable[uuid.UUID]) -> None:
    """Drop the rows of those among them that every target is done with.

    Runs in the caller's transaction. One that is being restored just now is left alone.
    """
    if ids := set(ids):
        _drop(forgettable().filter(pk__in=ids))


def forget_rest() -> None:
    """Drop all such rows: a removal that was rejected or never sent ends without a word."""
    dropped = BATCH
    while dropped == BATCH:
        with transaction.atomic():
            dropped = _drop(forgettable(), BATCH)


def _drop(rows: QuerySet[PassingEntity], most: int | None = None) -> int:
    free = rows.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    ids = list(free.values_list("pk", flat=True)[:most])
    if ids:
        PassingEntity.objects.filter(pk__in=ids).delete()
    return len(ids)
