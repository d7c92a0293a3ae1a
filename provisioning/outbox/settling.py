"""Writing what became of a batch, in one transaction: states, links, members, health.

Only jobs still leased under the token they were claimed with are touched: a worker that was
too slow cannot overwrite its successor.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors import EntityType
from idp import bulk
from idp.models import OutboundConnector, new_id
from provisioning import (
    alarms,
    budgets,
    events,
    health,
    hours,
    links,
    logbook,
    measuring,
    passing,
    signatures,
    traces,
)
from provisioning.models import REMOVES, Attempt, Job, LinkState, Outcome, State
from provisioning.outbox import arrivals, retrying
from provisioning.outbox.change_sets import move_members
from provisioning.outbox.failing import failure_of
from provisioning.outbox.orders import has_dependents
from provisioning.outbox.superseding import WAITING, overtake
from provisioning.parcels import Report

STATES: dict[Outcome, State] = {
    Outcome.DONE: State.DONE,
    Outcome.CONFIRMED: State.DONE,
    Outcome.ADOPTED: State.DONE,
    Outcome.RETRY: State.PENDING,
    Outcome.NOT_BEFORE: State.PENDING,
    Outcome.OVER_BUDGET: State.PENDING,
    Outcome.CONNECTOR_WRONG: State.PENDING,
    Outcome.JOB_WRONG: State.FAILED,
    Outcome.AMBIGUOUS: State.FAILED,
    Outcome.INTERNAL: State.FAILED,
    Outcome.HELD: State.HELD,
    Outcome.DRY_RUN: State.HELD,
    Outcome.NOT_WANTED: State.CANCELLED,
}
"""The state a job goes to from each outcome of an attempt."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The state a job was brought to, and why."""

    job: Job
    state: State
    reason: str
    code: str = ""


def settle(connector: OutboundConnector, reports: Sequence[Report]) -> list[Settled]:
    """Write reports of one connector, from any leases, in a constant number of queries."""
    if not reports:
        return []
    now = timezone.now()
    with transaction.atomic():
        arrivals.lock_groups(
            _arriving(reports, EntityType.USER), _arriving(reports, EntityType.GROUP)
        )
        held = _still_ours(reports)
        bulk.insert([_attempt(report) for report in held])
        settled = _move(connector, held, now)
        arrived = links.write(connector, held, now)
        passing.forget(r.parcel.job.entity_id for r in held if r.gone or r.former)
        # Before health: a claim takes them in this order, too.
        budgets.settle(connector, [_spent(report) for report in held], now)
        health.note(connector, held, now)
        _add_late_members(connector, held, arrived)
        _tell(connector, held, settled)
        states = [(one.job, one.state) for one in settled]
        overtake(connector, [job for job, state in states if state is State.DONE], now)
        measuring.tally(connector, held, states, now)
        hours.add(connector, states, now)
    logbook.settled(connector, held, states)
    return settled


def _tell(
    connector: OutboundConnector, reports: Sequence[Report], settled: Sequence[Settled]
) -> None:
    """Operators of new ways to fail, and webhooks of everything they wait for."""
    alarms.dead_letters(
        connector,
        [
            (failure_of(report, one.code, one.reason), one.job)
            for report, one in zip(reports, settled, strict=True)
            if one.state is State.FAILED
        ],
    )
    moved = ((one.job, one.state, one.code, one.reason) for one in settled)
    events.of_jobs(connector.provider.tenant, moved)


def _still_ours(reports: Sequence[Report]) -> list[Report]:
    """Those whose job is still leased as it was when it was claimed; locked."""
    running = Job.objects.filter(
        pk__in=[report.parcel.job.pk for report in reports], state=State.RUNNING
    )
    tokens = dict(running.select_for_update().values_list("pk", "lease_token"))
    jobs = ((report, report.parcel.job) for report in reports)
    return [report for report, job in jobs if tokens.get(job.pk) == job.lease_token]


def _arriving(reports: Sequence[Report], kind: EntityType) -> set[uuid.UUID]:
    return {
        report.parcel.job.entity_id
        for report in reports
        if report.receipt is not None
        and report.parcel.job.entity_type == kind
        and (
            report.parcel.job.maybe_sent
            or report.parcel.link is None
            or report.parcel.link.state != LinkState.LINKED
        )
    }


def _add_late_members(
    connector: OutboundConnector, reports: Sequence[Report], arrived: set[uuid.UUID]
) -> None:
    kinds = {r.parcel.job.entity_id: r.parcel.job.entity_type for r in reports}
    users = {one for one in arrived if kinds[one] == EntityType.USER}
    stayed = [r for r in reports if r.parcel.job.maybe_sent and not (r.gone or r.former)]
    rows: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for late in (
        arrivals.of_users(connector, users),
        arrivals.left_out(connector, _arriving(stayed, EntityType.USER) - users),
        arrivals.of_groups(connector, arrived - users),
    ):
        for group_id, members in late.items():
            rows[group_id].update(members)
    if rows:
        ordered = {group_id: sorted(members) for group_id, members in rows.items()}
        arrivals.enqueue(connector, ordered, new_id())


def _move(
    connector: OutboundConnector, reports: Sequence[Report], now: datetime
) -> list[Settled]:
    newer = _newer(connector, reports)
    alike: dict[tuple[Any, ...], list[uuid.UUID]] = {}
    settled: list[Settled] = []
    for report in reports:
        job = report.parcel.job
        fields = _fields(report, now)
        follower = newer.get(job.entity_id)
        goes_on = fields["state"] in (State.PENDING, State.FAILED) or _rehearsed(report)
        if follower is not None and goes_on:
            _hand_over(report, follower, fields)
        if fields["state"] in (State.DONE, State.CANCELLED, State.SUPERSEDED):
            fields |= {"finished": now, "sealed_password": None}
        elif fields["state"] == State.FAILED:
            fields["finished"] = now
        alike.setdefault(tuple(sorted(fields.items())), []).append(job.pk)
        state = State(fields["state"])
        settled.append(Settled(job, state, fields["reason"], fields["reason_code"]))
    for same, ids in alike.items():
        Job.objects.filter(pk__in=ids).update(
            **dict(same), lease_token=None, lease_until=None, updated=now
        )
    return settled


def _fields(report: Report, now: datetime) -> dict[str, Any]:
    job = report.parcel.job
    state, code, reason = STATES[report.outcome], report.code, report.reason
    fields: dict[str, Any] = {"maybe_sent": job.maybe_sent or report.maybe_sent}
    if report.maybe_sent:
        job.payload = traces.with_own(job)
        fields["sealed_payload"] = job.sealed_payload
    if state == State.DONE:
        fields["maybe_sent"] = False
    if state == State.PENDING:
        ends = retrying.give_up_at(report, now)
        if report.outcome == Outcome.RETRY and now >= ends:
            state, code = State.FAILED, "gave_up"
            reason = f"gave up after {report.parcel.connector.retry_hours} hours: {reason}"
        else:
            fields |= retrying.again(report, ends, now)
    if report.outcome == Outcome.NOT_WANTED and job.maybe_sent:
        state = State.FAILED  # an account may be there: a later delete must look
    if state == State.FAILED:
        fields["signature"] = signatures.signature(failure_of(report, code, reason))
    if report.conflict is not None:
        found = report.conflict.found
        fields |= {"found_id": found.remote_id, "found_name": found.remote_name}
    return fields | {"state": state, "reason_code": code, "reason": reason}


def _newer(connector: OutboundConnector, reports: Sequence[Report]) -> dict[uuid.UUID, Job]:
    """The newest waiting job of each entity whose attempt did not end well."""
    unhappy = [
        report.parcel.job
        for report in reports
        if STATES[report.outcome] in (State.PENDING, State.FAILED, State.CANCELLED)
        or _rehearsed(report)
    ]
    if not unhappy:
        return {}
    waiting = Job.objects.select_for_update().filter(
        connector=connector,
        entity_id__in={job.entity_id for job in unhappy},
        is_open=True,
        state__in=WAITING,
    )
    return {job.entity_id: job for job in waiting.order_by("position")}


def _hand_over(report: Report, follower: Job, fields: dict[str, Any]) -> None:
    """A newer job carries everything: give it what this one may have done and could not."""
    job = report.parcel.job
    if fields["maybe_sent"]:
        follower.maybe_sent = True
        if payload := follower.known_payload:
            follower.payload = (traces.carried(payload) | traces.of(job)).into(payload)
    removal = follower.operation in REMOVES
    if job.sealed_password is not None and follower.sealed_password is None and not removal:
        follower.password = job.password
        fields["sealed_password"] = None
    follower.save(update_fields=["maybe_sent", "sealed_payload", "sealed_password"])
    if not removal:
        move_members(job, follower)
    waits = fields["state"] == State.PENDING or _rehearsed(report)
    if waits and not has_dependents(job):
        fields |= {
            "state": State.SUPERSEDED,
            "reason_code": "superseded",
            "reason": f"a newer change carries everything; this try: {fields['reason']}",
        }


def _rehearsed(report: Report) -> bool:
    """It has yet to go, as what is put off has."""
    return report.outcome is Outcome.DRY_RUN


def _spent(report: Report) -> budgets.Spent:
    job = report.parcel.job
    return budgets.Spent(
        requests=sum(not one.get("rehearsed") for one in report.exchanges),
        started=report.started,
        metered=job.metered,
        prepaid=job.prepaid,
        pause=report.retry_after if report.outcome == Outcome.NOT_BEFORE else None,
        limit=report.limit,
    )


def _attempt(report: Report) -> Attempt:
    return Attempt(
        job_id=report.parcel.job.pk,
        number=report.parcel.job.attempts,
        outcome=report.outcome,
        reason=report.reason,
        status=report.status,
        started=report.started,
        duration_ms=report.duration_ms,
        exchanges=list(report.exchanges),
    )
