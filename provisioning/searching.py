"""Finding people, groups and what happened to them by name, without scanning a table."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q, QuerySet

from idp.models import (
    Group,
    OutboundConnector,
    SearchValue,
    Tenant,
    User,
    UserStore,
    key_of,
    split_name,
)
from provisioning.models import AuditEvent, Job, PassingEntity, ProvisionedEntity
from provisioning.models.job import TYPES

MOST = 200
"""Entities a search finds at most: who gets more narrows the search."""

MOST_ROWS = 5 * MOST
SEARCHED = ("emails.value", "name.familyName", "name.givenName", "displayName")

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
    return Q(pk__in=_user_ids(tenant, term))


def groups_like(tenant: Tenant, term: str) -> Q:
    """Groups whose name begins with the term."""
    return Q(pk__in=_group_ids(tenant, term))


def passing_like(tenant: Tenant, term: str) -> Q:
    """Who was sent onward under a name that begins with the term."""
    return Q(pk__in=_passing_ids(tenant, term))


def jobs_like(tenant: Tenant, term: str) -> Q:
    """Jobs of entities of that name; of those that are gone, only among the recent ones."""
    known = _of_entities(Job.objects.filter(tenant=tenant), tenant, term)
    recent = Job.objects.filter(tenant=tenant).order_by("-id")
    return Q(pk__in={*known, *_recent(recent, term, "entity_name", "remote_name")})


def links_like(tenant: Tenant, term: str) -> Q:
    """Provisioned entities by their name here or at the target, or by an id of either."""
    named = _of_entities(ProvisionedEntity.objects.filter(tenant=tenant), tenant, term)
    there = _ids(_links(tenant).filter(remote_id=term), "pk")
    return Q(pk__in={*named, *there, *_links_by_id(tenant, term)})


def _links_by_id(tenant: Tenant, term: str) -> list[uuid.UUID]:
    found = as_uuid(term)
    if found is None:
        return []
    links = ProvisionedEntity.objects.filter(Q(pk=found) | Q(entity_id=found))
    return [link.pk for link in links if link.tenant_id == tenant.pk]


def _links(tenant: Tenant) -> QuerySet[ProvisionedEntity]:
    """The tenant's, by the columns that the indexes on names and ids there begin with."""
    connectors = OutboundConnector.objects.filter(provider__tenant=tenant)
    return ProvisionedEntity.objects.filter(
        connector__in=list(connectors.values_list("pk", flat=True)),
        entity_type__in=[name for name, _ in TYPES],
    )


def events_like(tenant: Tenant, term: str) -> Q:
    """Events about entities of that name; of those that are gone, only the recent ones."""
    events = AuditEvent.objects.filter(tenant=tenant)
    ids = [str(found) for found in _entity_ids(tenant, term)]
    known = _ids(events.filter(subject_id__in=ids), "pk", MOST_ROWS)
    return Q(pk__in={*known, *_recent(events.order_by("-id"), term, "subject_name")})


def _user_ids(tenant: Tenant, term: str) -> set[uuid.UUID]:
    store, bare = _split(tenant, term)
    users = User.objects.filter(
        starting_with("username_key", key_of(bare)), store, tenant=tenant
    )
    valued = starting_with("value", key_of(term)[: SearchValue.LENGTH])
    rows = SearchValue.objects.filter(valued, tenant=tenant, path__in=SEARCHED)
    return {*_ids(users, "pk"), *_ids(rows, "user_id")}


def _group_ids(tenant: Tenant, term: str) -> set[uuid.UUID]:
    store, bare = _split(tenant, term)
    named = starting_with("name_key", key_of(bare))
    return set(_ids(Group.objects.filter(named, store, tenant=tenant), "pk"))


def _passing_ids(tenant: Tenant, term: str) -> set[uuid.UUID]:
    store, bare = _split(tenant, term)
    named = starting_with("name_key", key_of(bare))
    return set(_ids(PassingEntity.objects.filter(named, store, tenant=tenant), "pk"))


def _split(tenant: Tenant, term: str) -> tuple[Q, str]:
    """The store a name is written with, if it is, and the bare name."""
    stores = {store.domain: store.pk for store in UserStore.objects.filter(tenant=tenant)}
    domain, bare = split_name(term, set(stores))
    return (Q(store_id=stores[domain]) if bare != term else Q()), bare


def _entity_ids(tenant: Tenant, term: str) -> set[uuid.UUID]:
    """Users and groups that are here, or at a target, under a name that begins so."""
    links = _links(tenant).filter(starting_with("name_key", key_of(term)))
    here = _user_ids(tenant, term) | _group_ids(tenant, term) | _passing_ids(tenant, term)
    return {*here, *_ids(links, "entity_id")}


def _of_entities(rows: QuerySet[Any], tenant: Tenant, term: str) -> list[uuid.UUID]:
    found = rows.filter(entity_id__in=_entity_ids(tenant, term))
    return _ids(found, "pk", MOST_ROWS)


def _ids(rows: QuerySet[Any], column: str, most: int = MOST) -> list[uuid.UUID]:
    return list(rows.order_by().values_list(column, flat=True)[:most])


def _recent(rows: QuerySet[Any], term: str, *columns: str) -> list[uuid.UUID]:
    """Among the newest rows, those with a column that contains the term."""
    folded = key_of(term)
    seen = rows.values_list("pk", *columns)[:RECENT]
    hits = (pk for pk, *names in seen if any(folded in key_of(name) for name in names))
    return [pk for pk, _ in zip(hits, range(MOST), strict=False)]


def as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        return None


def entities_gone(tenant: Tenant, name: str) -> list[uuid.UUID]:
    """Who had that full name in one of the newest jobs and is perhaps no longer here."""
    recent = Job.objects.filter(tenant=tenant).order_by("-id")
    seen = recent.values_list("entity_id", "entity_name")[:RECENT]
    return list({pk for pk, called in seen if key_of(called) == key_of(name)})
