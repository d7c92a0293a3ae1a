"""Whom a rule or the claim mapping holds back is remembered, so that they go as soon as it
lets them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence

from django.utils import timezone

from idp import bulk_update
from idp.models import OutboundConnector, new_id
from provisioning import mapping
from provisioning.models import HeldBack
from provisioning.planning import Verdict
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget

Planned = Sequence[tuple[Subject, Sequence[Verdict]]]
Key = tuple[uuid.UUID, uuid.UUID]
"""Of an entity and a connector."""


def remember(planned: Planned, *, known: bool = False) -> set[Key]:
    """Write down, in the change's transaction, who is held back now, and forget who was.

    Returns those who were and are not any more: what they lack has to be sent. Costs nothing
    where no row asks for rules and no mapping has expressions, unless somebody is `known` to
    be held back; else a query while nothing changes.
    """
    asked = {
        (subject.id, verdict.connector.pk): (subject, verdict)
        for subject, verdicts in planned
        for verdict in verdicts
        if known or _may_be(verdict)
    }
    if not asked:
        return set()
    before = _held(asked)
    held = {
        key for key, (subject, verdict) in asked.items()
        if verdict.held_back and subject.exists
    }  # fmt: skip
    freed = before.keys() - held
    HeldBack.objects.filter(pk__in=[before[key].pk for key in freed]).delete()
    HeldBack.objects.bulk_create(
        [_row(*asked[key]) for key in held if key not in before],
        batch_size=500,
        # Two may find it at once: a change, and a worker that plans a job again.
        ignore_conflicts=True,
    )
    confirm([(before[key], asked[key][1]) for key in held & before.keys()])
    return freed


def confirm(held: Iterable[tuple[HeldBack, Verdict]]) -> None:
    """They are held back still, perhaps by another row or for another reason."""
    moved = []
    for row, verdict in held:
        target = verdict.row.pk if verdict.row else row.target_id
        found = (verdict.reason, target, verdict.connector.revision)
        if (row.reason, row.target_id, row.revision) != found:
            row.reason, row.target_id, row.revision = found
            moved.append(row)
    bulk_update.update(moved, ("reason", "target", "revision"))


def _may_be(verdict: Verdict) -> bool:
    asks_rules = verdict.row is not None and verdict.row.enable_rules
    return asks_rules or mapping.may_fail(verdict.connector.provider)


def among(connector: OutboundConnector, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these entities about whom the newest decision there is that."""
    rows = HeldBack.objects.filter(connector=connector, entity_id__in=ids)
    return set(rows.values_list("entity_id", flat=True)) if ids else set()


def rows_of(ids: set[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, OutboundTarget]]:
    """By entity and connector: the rows that would send those of them who are held back."""
    rows = HeldBack.objects.filter(entity_id__in=ids).select_related(
        "target__service_provider", "target__connector__provider__tenant"
    )
    found: dict[uuid.UUID, dict[uuid.UUID, OutboundTarget]] = {}
    for row in rows if ids else ():
        if row.target.service_provider.retired_at is None:
            found.setdefault(row.entity_id, {})[row.connector_id] = row.target
    return found


def _held(asked: dict[Key, tuple[Subject, Verdict]]) -> dict[Key, HeldBack]:
    rows = HeldBack.objects.filter(
        entity_id__in={entity_id for entity_id, _ in asked},
        connector_id__in={connector_id for _, connector_id in asked},
    )
    found = {(row.entity_id, row.connector_id): row for row in rows}
    return {key: row for key, row in found.items() if key in asked}


def _row(subject: Subject, verdict: Verdict) -> HeldBack:
    return HeldBack(
        id=new_id(),
        tenant=subject.tenant,
        connector=verdict.connector,
        target=verdict.row,
        entity_type=subject.type,
        entity_id=subject.id,
        reason=verdict.reason,
        revision=verdict.connector.revision,
        since=timezone.now(),
    )
