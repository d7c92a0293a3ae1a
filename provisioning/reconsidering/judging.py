"""The verdict on many people at one connector: read together, judged one by one as ever."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from idp.models import OutboundConnector
from idp.secrets import CannotOpen
from provisioning import planning, subjects
from provisioning.changes import Door
from provisioning.models import REMOVES, HeldBack, LinkState, Reconsideration, Whom
from provisioning.places import Places, judges_at, places_at
from provisioning.planning import Kind, Verdict
from provisioning.policies import compiled
from provisioning.role_lists import row_for_new
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judged:
    """`waiting`: as who is held back they are remembered until now."""

    subject: Subject
    verdict: Verdict
    waiting: HeldBack | None

    def is_sent(self, one: Reconsideration) -> bool:
        """An account comes or goes, or somebody there lacks what has changed meanwhile."""
        lacks = self.verdict.kind is Kind.UPDATE and (self.freed or self._is_renamed(one))
        return self.verdict.moves or lacks

    def matters(self, one: Reconsideration) -> bool:
        """Whether anything comes of it: nothing has changed for most."""
        newly_held = self.verdict.held_back and not self.waiting and self._goes_without
        return self.is_sent(one) or self.freed or newly_held or self._newly_owed

    @property
    def freed(self) -> bool:
        return self.waiting is not None and not self.verdict.held_back

    @property
    def _goes_without(self) -> bool:
        """Not there, or with a change on its way that had better not go."""
        place = self.verdict.place
        if place is None or place.link is None or place.link.state != LinkState.LINKED:
            return True
        return any(job.operation not in REMOVES for job in place.open_jobs)

    @property
    def _newly_owed(self) -> bool:
        link = self.verdict.place.link if self.verdict.place else None
        return self.verdict.kind is Kind.OWE and link is not None and not link.owed

    def _is_renamed(self, one: Reconsideration) -> bool:
        """A group shall be called otherwise there than it is."""
        link = self.verdict.place.link if self.verdict.place else None
        renamed = link is not None and link.remote_name != self.verdict.remote_name
        return renamed and one.whom == Whom.GROUPS


def judge(connector: OutboundConnector, ids: Collection[uuid.UUID]) -> list[Judged]:
    """Of each who is there what a plan says today. Costs a constant number of queries.

    Who passes through and cannot be read, for want of a key, is left out.
    """
    try:
        return _judged(connector, ids)
    except CannotOpen as error:
        if len(ids) > 1:
            return [one for pk in ids for one in judge(connector, [pk])]
        log.error("%s is not planned again: %s", *ids, error)
        return []


def _judged(connector: OutboundConnector, ids: Collection[uuid.UUID]) -> list[Judged]:
    people = subjects.several(ids)
    places = places_at(connector.pk, people)
    held = HeldBack.objects.filter(connector=connector, entity_id__in=people)
    waiting = {row.entity_id: row for row in held}
    asked = _Asked(connector, places, waiting)
    rules = compiled.of(connector.provider.tenant)
    found = []
    for subject in people.values():
        row, place = asked.row_for(subject.id), places.get(subject.id)
        verdict = planning.judge(subject, connector, row, place, Door.RECONCILE, policies=rules)
        found.append(Judged(subject, verdict, waiting.get(subject.id)))
    return found


class _Asked:
    """By whose row each is judged: the one that sent them, that would have, or that sends
    whoever is nowhere yet."""

    def __init__(
        self,
        connector: OutboundConnector,
        places: Places,
        waiting: dict[uuid.UUID, HeldBack],
    ) -> None:
        sent = {pk: place.target_id for pk, place in places.items() if place.target_id}
        self._sent, self._waiting = sent, waiting
        held = {row.target_id for row in waiting.values()}
        self._rows = judges_at(connector.pk, {*sent.values(), *held})
        self._connector = connector

    @cached_property
    def _new(self) -> OutboundTarget | None:
        return row_for_new(self._connector)

    def row_for(self, entity_id: uuid.UUID) -> OutboundTarget | None:
        sent_by = self._sent.get(entity_id)
        if sent_by in self._rows:
            return self._rows[sent_by]
        held = self._waiting.get(entity_id)
        return self._rows.get(held.target_id) if held else self._new
