"""Who and what is asked about: names and ids as doors, commands and pages are given them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive

from connectors import EntityType
from idp import queries
from idp.models import Group, OutboundConnector, Tenant, User, key_of, split_name
from provisioning import passing, searching, subjects
from provisioning.explain.answers import Explanation
from provisioning.explain.now import now
from provisioning.explain.past import Remembered, past
from provisioning.models import AuditEvent
from provisioning.subjects import Subject
from serviceproviders.models import RESIDENT, ServiceProvider


class NotKnown(LookupError):
    """There is nobody, or nothing, of that name in the tenant; a sentence.

    `field` is what was asked for: user, group, service_provider, connector or at.
    """

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def answer(
    tenant: Tenant,
    kind: str,
    key: str,
    *,
    service_provider: str = "",
    connectors: Sequence[OutboundConnector] | None = None,
    at: datetime | None = None,
) -> Explanation:
    """What is to be told of the user or group of that name or id: now, or until a moment.

    Without a service provider it is the resident one now, and any in the past. Raises
    `NotKnown`.
    """
    if at is None:
        sender = service_provider_of(tenant, service_provider)
        subject = subject_of(tenant, kind, key, sender)
        return now(subject, sender, connectors=connectors)
    by = service_provider_of(tenant, service_provider) if service_provider else None
    somebody = remembered(tenant, kind, key, by)
    return past(somebody, at, service_provider=by, connectors=connectors)


def subject_of(
    tenant: Tenant, kind: str, key: str, service_provider: ServiceProvider | None = None
) -> Subject:
    """The user or group of that full name or id: one whom the service provider sends onward
    (dumb mode), or a stored one. Raises `NotKnown`."""
    if service_provider is not None and (sent := _sent_onward(service_provider, kind, key)):
        return sent
    model, column = (User, "username_key") if kind == "user" else (Group, "name_key")
    rows = model._default_manager.filter(tenant=tenant).select_related("store", "tenant")
    stores = queries.stores_of(tenant)
    where = queries.named(stores, key, column)
    found = rows.filter(where).first()
    if found is None and (pk := searching.as_uuid(key)):
        found = rows.filter(pk=pk).first()
    if isinstance(found, User):
        return subjects.of_user(found)
    if isinstance(found, Group):
        return subjects.of_group(found)
    raise NotKnown(f"There is no {kind} {key[:300]} in the tenant {tenant.domain}.", kind)


def _sent_onward(service_provider: ServiceProvider, kind: str, key: str) -> Subject | None:
    entity = EntityType(kind)
    if pk := searching.as_uuid(key):
        row = passing.rows_of(service_provider, entity).filter(pk=pk).first()
        return subjects.of_passing(row) if row else None
    if "\0" in key:
        return None
    domain, bare = split_name(key, set(queries.stores_of(service_provider.tenant)))
    rows = passing.named(service_provider, entity, domain, [key_of(bare)])
    return subjects.of_passing(rows[0]) if rows else None


def remembered(
    tenant: Tenant, kind: str, key: str, service_provider: ServiceProvider | None = None
) -> Remembered:
    """As `subject_of`; whoever is gone is found in the trail by id, or, when not long gone,
    by name. Raises `NotKnown`."""
    try:
        subject = subject_of(tenant, kind, key, service_provider)
    except NotKnown:
        if gone := _last_event(tenant, kind, key):
            return gone
        raise
    return Remembered(tenant, kind, subject.id, subject.name)


def _last_event(tenant: Tenant, kind: str, key: str) -> Remembered | None:
    """Somebody who is gone: by id at any time, by name among the newest events."""
    events = AuditEvent.objects.filter(tenant=tenant).order_by("-id")
    columns = ("subject_type", "subject_id", "subject_name")
    if pk := searching.as_uuid(key):
        seen = events.filter(subject_id=str(pk), subject_type=kind).values_list(*columns)[:1]
    else:
        seen = events.values_list(*columns)[: searching.RECENT]
    for subject_type, subject_id, name in seen:
        known = pk is not None or key_of(name) == key_of(key)
        if subject_type == kind and known and (found := searching.as_uuid(subject_id)):
            return Remembered(tenant, kind, found, name)
    return None


def service_provider_of(tenant: Tenant, name: str) -> ServiceProvider:
    """Raises `NotKnown`."""
    wanted = RESIDENT if name in ("", "resident") else name
    rows = ServiceProvider.objects.select_related("tenant", "user_store")
    found = None if "\0" in name else rows.filter(tenant=tenant, name=wanted).first()
    if found is None:
        text = f"There is no service provider {name[:300]} in the tenant {tenant.domain}."
        raise NotKnown(text, "service_provider")
    return found


def connectors_of(
    tenant: Tenant, provider: str = "", kind: str = "", *, live: bool = False
) -> list[OutboundConnector]:
    """The tenant's connectors, those of an identity provider, or of a type. Raises
    `NotKnown` when names that are given match none."""
    rows = OutboundConnector.objects.filter(provider__tenant=tenant)
    if "\0" in provider + kind:
        rows = rows.none()
    if provider:
        rows = rows.filter(provider__name=provider)
    if kind:
        rows = rows.filter(type=kind)
    if live:
        rows = rows.filter(retired_at=None, provider__retired_at=None)
    found = list(rows.select_related("provider__tenant").order_by("provider__name", "type"))
    if not found and (provider or kind):
        text = f"There is no connector {kind} of {provider or 'any identity provider'}."
        raise NotKnown(text.replace("  ", " "), "connector" if kind else "identity_provider")
    return found


def moment(text: str, zone: tzinfo) -> datetime:
    """A day (its end) or a moment in ISO 8601, in the tenant's zone unless it names one.

    Raises `NotKnown`.
    """
    try:
        at = parse_datetime(text) if ("T" in text or " " in text.strip()) else None
        day = parse_date(text) if at is None else None
        if at is None and day is not None:
            at = datetime.combine(day, time.min, zone) + timedelta(days=1, microseconds=-1)
    except (ValueError, OverflowError):
        at = None
    if at is None or not 1970 <= at.year <= 9000:
        raise NotKnown("must be a day (2026-05-31) or a moment in ISO 8601", "at")
    return at.replace(tzinfo=zone) if is_naive(at) else at
