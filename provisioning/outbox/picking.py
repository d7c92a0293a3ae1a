"""Which jobs a worker may take: due or abandoned, and waiting for no other job.

The questions are made once and kept as SQL (`idp.prepared`): making them anew takes longer
than answering them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from django.db import connection
from django.db.models import (
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from idp.models import Mode, OutboundConnector
from idp.prepared import Parameter, Prepared
from provisioning.models import REHEARSED, Job, State
from provisioning.outbox import comings_and_goings

CONNECTOR = Parameter("connector", UUIDField())
NOW = Parameter("now", DateTimeField())
Jobs = QuerySet[Job]


def pick(
    connector: OutboundConnector,
    now: datetime,
    limit: int,
    entity_id: uuid.UUID | None = None,
    early: uuid.UUID | None = None,
) -> list[Job]:
    """Up to `limit` jobs, abandoned ones first, locked; nobody else's on PostgreSQL.

    In dry run nothing waits for what was rehearsed before it: that goes first when it goes.
    """
    given = {"connector": connector.pk, "now": now, "entity": entity_id, "early": early}
    of_entity, dry = entity_id is not None, connector.mode == Mode.DRY_RUN
    jobs = _picking(_abandoned, limit, of_entity, dry).all(**given)
    if len(jobs) < limit:
        due = _due_or_early if early is not None else _due
        jobs += _picking(due, limit - len(jobs), of_entity, dry).all(**given)
    return jobs


def due_jobs(connector: OutboundConnector, now: datetime) -> Jobs:
    """Those a worker could take, in the order in which they are taken."""
    jobs = Job.objects.filter(not_before__lte=now, connector=connector, state=State.PENDING)
    return _in_order(jobs, _open_before())


def _due() -> Jobs:
    return Job.objects.filter(not_before__lte=NOW, connector_id=CONNECTOR, state=State.PENDING)


def _due_or_early() -> Jobs:
    due = Q(not_before__lte=NOW) | Q(pk=Parameter("early", UUIDField()))
    return Job.objects.filter(due, connector_id=CONNECTOR, state=State.PENDING)


def _abandoned() -> Jobs:
    return Job.objects.filter(connector_id=CONNECTOR, state=State.RUNNING, lease_until__lt=NOW)


@lru_cache(maxsize=256)
def _picking(jobs: Callable[[], Jobs], limit: int, of_entity: bool, dry: bool) -> Prepared[Job]:
    def make() -> Jobs:
        asked = jobs()
        if of_entity:
            asked = asked.filter(entity_id=Parameter("entity", UUIDField()))
        if connection.features.has_select_for_update_skip_locked:
            asked = asked.select_for_update(skip_locked=True, of=("self",))
        before = _open_before()
        if dry:
            before = before.exclude(state=State.HELD, reason_code=REHEARSED)
        return _in_order(asked, before)[:limit]

    return Prepared(make)


def _in_order(jobs: Jobs, before: Jobs) -> Jobs:
    """Without those that wait for another job."""
    free = jobs.filter(
        ~Exists(_before_of_entity(before)),
        ~Exists(_before_of_name(before, "name_key")),
        ~Exists(_before_of_name(before, "frees_key")),
        comings_and_goings.not_at_once(),
    )
    return free.order_by("not_before", "position")


# Without statistics, as right after an import, PostgreSQL takes every table for small and would
# read all jobs of the connector anew for each job. `Coalesce` of one value hides from it what
# it had better not search by.


def _before_of_entity(before: Jobs) -> Jobs:
    """By the entity alone, which has few jobs."""
    here = Exact(Coalesce(F("connector"), F("connector")), OuterRef("connector"))
    return before.filter(here, entity_id=OuterRef("entity_id"))


def _before_of_name(before: Jobs, key: str) -> Jobs:
    """Open jobs of other entities that hold, or free, the name this one will hold.

    Asked once by each key: no index answers "one or the other".
    """
    its_connector = Coalesce(OuterRef("connector"), OuterRef("connector"))
    return before.filter(
        ~Q(entity_id=OuterRef("entity_id")),
        ~Q(**{key: ""}),
        connector=its_connector,
        entity_type=OuterRef("entity_type"),
        **{key: OuterRef("name_key")},
    )


def _open_before() -> Jobs:
    return Job.objects.filter(is_open=True, position__lt=OuterRef("position"))
