"""What the pages of one person and one group show besides their own row."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.urls import reverse

from idp.models import Group, Membership, OutboundConnector, Tenant, User, key_of
from provisioning import planning, routes, searching, subjects
from provisioning.changes import Door
from provisioning.models import (
    Job,
    PassingEntity,
    ProvisionedEntity,
)
from provisioning.planning import Verdict
from provisioning.subjects import Subject
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import resident_of

ATTEMPTS = 50
MEMBERS = 100


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """One entity at one connector: the link there, and the newest job for it."""

    connector: OutboundConnector
    link: ProvisionedEntity | None
    job: Job | None


def entity_url(tenant: Tenant, entity_type: str, entity_id: uuid.UUID) -> str:
    """The page of a user or group, stored or passing through; empty when it is gone."""
    model = User if entity_type == "user" else Group
    if model._default_manager.filter(tenant=tenant, pk=entity_id).exists():
        return reverse(f"admin:idp_{entity_type}_change", args=[entity_id])
    if PassingEntity.objects.filter(tenant=tenant, pk=entity_id).exists():
        return reverse("admin:provisioning_passingentity_change", args=[entity_id])
    return ""


def whereabouts(tenant: Tenant, entity_id: uuid.UUID) -> list[Whereabouts]:
    """Everywhere an entity is or was sent: one line per connector of the tenant."""
    links = {
        link.connector_id: link
        for link in ProvisionedEntity.objects.filter(entity_id=entity_id)
    }
    newest = _newest_jobs(entity_id)
    ids = {*links, *newest}
    connectors = OutboundConnector.objects.select_related("provider", "health").filter(
        pk__in=ids, provider__tenant=tenant
    )
    return [
        Whereabouts(connector, links.get(connector.pk), newest.get(connector.pk))
        for connector in connectors.order_by("provider__name", "type")
    ]


def _newest_jobs(entity_id: uuid.UUID) -> dict[uuid.UUID, Job]:
    own = Job.objects.filter(entity_id=entity_id)
    latest = own.order_by().values_list("connector_id").annotate(last=Max("position"))
    positions = dict(latest)
    jobs = own.filter(position__in=positions.values()).defer("sealed_payload")
    return {
        job.connector_id: job for job in jobs if positions.get(job.connector_id) == job.position
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of "Where is this person?". `verdict` says what would be sent now, and why."""

    connector: OutboundConnector
    link: ProvisionedEntity | None
    job: Job | None
    verdict: Verdict | None


def of_user(user: User) -> list[Standing]:
    return _standings(subjects.of_user(user), resident_of(user.tenant))


def of_group(group: Group) -> list[Standing]:
    return _standings(subjects.of_group(group), resident_of(group.tenant))


def of_passing(row: PassingEntity) -> list[Standing]:
    """As its own service provider would send it. Raises `secrets.CannotOpen`."""
    subject = subjects.of_passing(row, exists=row.deleted is None)
    return _standings(subject, row.service_provider)


def _standings(subject: Subject, service_provider: ServiceProvider) -> list[Standing]:
    """Every connector where the entity is or was sent, and those that would be reached."""
    places = {place.connector.pk: place for place in whereabouts(subject.tenant, subject.id)}
    planned = planning.plan(subject, routes.of(service_provider), Door.CONSOLE)
    verdicts = {verdict.connector.pk: verdict for verdict in planned}
    lines = []
    for pk in {**places, **verdicts}:
        place, verdict = places.get(pk), verdicts.get(pk)
        connector = place.connector if place else verdict.connector if verdict else None
        if connector is not None:
            link, job = (place.link, place.job) if place else (None, None)
            lines.append(Standing(connector, link, job, verdict))
    return sorted(lines, key=lambda line: str(line.connector))


@dataclass(frozen=True, slots=True)
class Memberships:
    user: User
    groups: Sequence[Group]
    more: bool


def groups_of(user: User) -> Memberships:
    rows = Group.objects.filter(memberships__user=user).select_related("store")
    found = list(rows.order_by("name_key")[: MEMBERS + 1])
    return Memberships(user, found[:MEMBERS], len(found) > MEMBERS)


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One page of a group's members; its size says nothing about the group's."""

    users: Sequence[User]
    number: int
    has_next: bool
    named: str


def members_of(group: Group, page: str, named: str = "") -> MemberPage:
    number = int(page) if page.isdecimal() and 0 < int(page) < 1_000_000 else 1
    rows = Membership.objects.filter(group=group)
    if named:
        rows = rows.filter(searching.starting_with("user__username_key", key_of(named)))
    start = (number - 1) * MEMBERS
    chosen = rows.order_by("user_id").values_list("user_id", flat=True)
    ids = list(chosen[start : start + MEMBERS + 1])
    users = User.objects.select_related("store").in_bulk(ids[:MEMBERS])
    shown = [users[pk] for pk in ids if pk in users]
    return MemberPage(shown, number, len(ids) > MEMBERS, named)
