"""Removals that could not go because the connector was disabled: kept, shown, sent on approval.

A delete or withdrawal is never skipped. While the connector or its identity provider is
disabled it is *owed* on the link; once it is enabled again an operator sends it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connectors import EntityType
from idp.models import new_id
from provisioning import alarms, audit, planning, records, subjects, wake
from provisioning.changes import Door
from provisioning.models import ProvisionedEntity
from provisioning.notifications import raise_alarms
from provisioning.outbox import enqueuing
from provisioning.outbox.orders import Order
from provisioning.places import places_of, row_of
from provisioning.planning import Kind, Verdict
from provisioning.subjects import Subject


def owe(verdicts: Sequence[Verdict]) -> None:
    """Write down, in the change's transaction, what a disabled connector cannot be sent."""
    owed = {
        verdict.place.link.pk: verdict.connector
        for verdict in verdicts
        if verdict.kind is Kind.OWE and verdict.place and verdict.place.link
    }
    if owed:
        ProvisionedEntity.objects.filter(pk__in=owed).update(
            owed="delete", updated=timezone.now()
        )
        raise_alarms([alarms.owed(connector, 1) for connector in set(owed.values())])


def send(links: QuerySet[ProvisionedEntity], *, actor: str) -> int:
    """Queue the owed removals among these links; returns how many.

    One whose connector is still disabled stays owed; one whose person is entitled again
    is forgotten.
    """
    sent = 0
    with transaction.atomic():
        owing = links.exclude(owed="").select_related("connector__provider", "tenant")
        for link in owing.select_for_update(of=("self",)):
            sent += _send_one(link, actor)
    if sent:
        wake.wake()
    return sent


def _send_one(link: ProvisionedEntity, actor: str) -> int:
    subject = subjects.find(link.tenant, link.entity_type, link.entity_id) or _gone(link)
    place = places_of(subject).get(link.connector_id)
    verdict = planning.judge(subject, link.connector, row_of(place), place, Door.CONSOLE)
    if verdict.kind is Kind.OWE:
        return 0
    ProvisionedEntity.objects.filter(pk=link.pk).update(owed="", updated=timezone.now())
    if verdict.kind not in (Kind.DELETE, Kind.WITHDRAW):
        return 0
    change_id = new_id()
    enqueuing.enqueue(
        Order(subject=subject, verdict=verdict, change_id=change_id, door=Door.CONSOLE)
    )
    audit.record(
        tenant=link.tenant,
        actor=actor,
        action="owed.send",
        subject_type=link.entity_type,
        subject_id=link.entity_id,
        subject_name=link.entity_name,
        door=Door.CONSOLE,
        change_id=change_id,
        detail={"connector": str(link.connector), "targets": records.of([verdict], subject)},
    )
    return 1


def _gone(link: ProvisionedEntity) -> Subject:
    """The entity as far as the link knows it; it is not in the store any more."""
    return Subject(
        tenant=link.tenant,
        type=EntityType(link.entity_type),
        id=link.entity_id,
        name=link.entity_name,
        version=link.accepted_version + 1,
        exists=False,
        external_id=link.external_id,
    )
