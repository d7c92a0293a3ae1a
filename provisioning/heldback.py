"""Whom a rule holds back is remembered, so that they go as soon as it lets them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from provisioning.models import HeldBack
from provisioning.planning import Verdict
from provisioning.subjects import Subject

Planned = Sequence[tuple[Subject, Sequence[Verdict]]]


def remember(planned: Planned) -> None:
    """Write down, in the change's transaction, who is held back now, and forget who was.

    Costs nothing where no row asks for rules.
    """
    asked = [
        (subject, verdict)
        for subject, verdicts in planned
        for verdict in verdicts
        if verdict.row is not None and verdict.row.enable_rules
    ]
    if not asked:
        return
    ids = {subject.id for subject, _ in asked}
    connectors = {verdict.connector.pk for _, verdict in asked}
    HeldBack.objects.filter(entity_id__in=ids, connector_id__in=connectors).delete()
    now = timezone.now()
    HeldBack.objects.bulk_create(
        [
            HeldBack(
                tenant=subject.tenant,
                connector=verdict.connector,
                target=verdict.row,
                entity_type=subject.type,
                entity_id=subject.id,
                reason=verdict.reason,
                since=now,
            )
            for subject, verdict in asked
            if verdict.held_back_by_rule and subject.exists
        ],
        batch_size=500,
    )
