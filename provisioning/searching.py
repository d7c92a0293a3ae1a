"""Finding people, groups and what happened to them by name, without scanning a table."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q, QuerySet

from idp.models import Group, SearchValue, Tenant, User, UserStore, key_of, split_name
from provisioning.models import AuditEvent, Job, ProvisionedEntity
from provisioning.models.job import TYPES

MOST = 200
RECENT = 5_000
"""How far back names of entities that no longer exist are looked for."""


def starting_with(column: str, start: str) -> Q:
    """Names that begin with a text, as a range that an index can answer.

    >>> starting_with("name_key", "kim")
    <Q: (AND: ('name_key__gte', 'kim'), ('name_key__lt', 'kin'))>
    """
    following = min(ord(start[-1]) + 1, 0x10FFFF)
    if 0xD800 <= following <= 0xDFFF:  # halves of characters are none themselves
        following = 0xE000
    after = start[:-1] + chr(following)
    return Q(**{f"{column}__gte": start, f"{column}__lt": after})


def users_like(tenant: Tenant, term: str) -> Q:
    """Users whose name begins with the term, or who have it as an e-mail address or a name."""
    store, bare = _split(tenant, term)
    named = starting_with("username_key", key_of(bare)) & store
    valued = starting_with("value", key_of(term)[: SearchValue.LENGTH])
    paths = ("emails.value", "name.familyName", "name.givenName", "displayName")
    rows = SearchValue.objects.filter(valued, tenant=tenant, path__in=paths)
    return named | Q(pk__in=list(rows.values_list("user_id", flat=True)[:MOST]))


def groups_like(tenant: Tenant, term: str) -> Q:
    store, bare = _split(tenant, term)
    return starting_with("name_key", key_of(bare)) & store


def _split(tenant: Tenant, term: str) -> tuple[Q, str]:
    """The store a name is written with, if it is, and the bare name."""
    stores = {store.domain: store.pk for store in UserStore.objects.filter(tenant=tenant)}
    domain, bare = split_name(term, set(stores))
    prefixed = bare != term
    return (Q(store_id=stores[domain]) if prefixed else Q()), bare


def entity_ids(tenant: Tenant, term: str) -> list[uuid.UUID]:
    """Users and groups that are here, or at a target, under a name that begins so."""
    users = User.objects.filter(users_like(tenant, term), tenant=tenant)
    groups = Group.objects.filter(groups_like(tenant, term), tenant=tenant)
    links = ProvisionedEntity.objects.filter(_links(tenant, term))
    found: set[uuid.UUID] = set()
    for rows, column in ((users, "pk"), (groups, "pk"), (links, "entity_id")):
        found |= set(_ids(rows, column))
    return list(found)


def _ids(rows: QuerySet[Any], column: str) -> list[uuid.UUID]:
    return list(rows.order_by().values_list(column, flat=True)[:MOST])


def _links(tenant: Tenant, term: str) -> Q:
    types = [name for name, _ in TYPES]
    named = starting_with("name_key", key_of(term))
    return Q(connector__provider__tenant=tenant, entity_type__in=types) & named


def jobs_like(tenant: Tenant, term: str) -> Q:
    """Jobs of entities of that name; of those that are gone, only among the recent ones."""
    recent = Job.objects.filter(tenant=tenant).order_by("-id")
    return Q(entity_id__in=entity_ids(tenant, term)) | Q(
        pk__in=_recent(recent, term, "entity_name", "remote_name")
    )


def links_like(tenant: Tenant, term: str) -> Q:
    return Q(entity_id__in=entity_ids(tenant, term))


def events_like(tenant: Tenant, term: str) -> Q:
    ids = [str(found) for found in entity_ids(tenant, term)]
    recent = AuditEvent.objects.filter(tenant=tenant).order_by("-id")
    return Q(subject_id__in=ids) | Q(pk__in=_recent(recent, term, "subject_name"))


def _recent(rows: QuerySet[Any], term: str, *columns: str) -> list[uuid.UUID]:
    """Among the newest rows, those with a column that contains the term."""
    folded = key_of(term)
    seen = rows.values_list("pk", *columns)[:RECENT]
    hits = (pk for pk, *names in seen if any(folded in key_of(name) for name in names))
    return [pk for pk, _ in zip(hits, range(MOST), strict=False)]
