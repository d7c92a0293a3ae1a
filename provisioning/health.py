"""How each connector is doing: quarantine, waiting as asked, and what the home page shows.

Broken credentials quarantine at once, twenty attempts in a row without an answer below
500 as well (429 does not count). One probe per interval decides about healing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from idp.models import OutboundConnector
from provisioning import alarms, logbook
from provisioning.models import ConnectorHealth, Outcome
from provisioning.parcels import Report

FAILURES = 20
PROBE_FIRST = timedelta(seconds=30)
PROBE_LONGEST = timedelta(minutes=10)

ANSWERED = {
    Outcome.DONE,
    Outcome.CONFIRMED,
    Outcome.ADOPTED,
    Outcome.JOB_WRONG,
    Outcome.AMBIGUOUS,
    Outcome.HELD,
    Outcome.DRY_RUN,
}
"""Outcomes that an answer below 500 led to, when there was an exchange at all."""
NO_NEWS = {Outcome.HELD, Outcome.NOT_WANTED, Outcome.DRY_RUN, Outcome.OVER_BUDGET}
"""Outcomes that are no error of the target's."""
SUCCEEDED = {Outcome.DONE, Outcome.CONFIRMED, Outcome.ADOPTED}


def note(connector: OutboundConnector, reports: Sequence[Report], now: datetime) -> None:
    """Bring the connector's health up to date with a batch of attempts."""
    sent = [report for report in reports if _tells(report)]
    if not sent:
        return
    health, _ = ConnectorHealth.objects.select_for_update().get_or_create(connector=connector)
    was_quarantined = health.quarantined_at is not None
    for report in sent:
        _note_one(health, connector, report, now)
    is_quarantined = health.quarantined_at is not None
    if is_quarantined != was_quarantined:
        logbook.quarantine(connector, sent[-1], begins=is_quarantined)
        if is_quarantined:
            alarms.quarantined(connector, health.quarantine_reason, sent[-1])
        else:
            alarms.healed(connector)
    if health.quarantined_at is not None:
        health.probes = min(health.probes + 1, 10)
    health.save()


def _tells(report: Report) -> bool:
    """Whether the target had a say, or should have had one. A rehearsed request had none."""
    if report.outcome is Outcome.DRY_RUN:
        return any(exchange["status"] for exchange in report.exchanges)
    return bool(report.exchanges) or report.outcome not in ANSWERED


def _note_one(
    health: ConnectorHealth, connector: OutboundConnector, report: Report, now: datetime
) -> None:
    if report.outcome in ANSWERED:
        _heal(health)
    if report.outcome in SUCCEEDED:
        health.last_success = now
    elif report.outcome not in NO_NEWS:
        health.last_error, health.last_error_at = report.reason, now
    if (seconds := report.asked_to_wait) is not None:
        until = now + timedelta(seconds=seconds)
        health.paused_until = max(until, health.paused_until or until)
    if report.outcome == Outcome.CONNECTOR_WRONG:
        _quarantine(health, connector, report.reason, now)
    elif report.outcome == Outcome.RETRY:
        health.failures += 1
        if health.failures >= FAILURES or health.quarantined_at:
            _quarantine(health, connector, report.reason, now)


def _heal(health: ConnectorHealth) -> None:
    health.failures = health.probes = 0
    health.quarantined_at = health.probe_at = None
    health.quarantine_reason = ""


def _quarantine(
    health: ConnectorHealth, connector: OutboundConnector, reason: str, now: datetime
) -> None:
    health.quarantined_at = health.quarantined_at or now
    health.quarantine_reason = reason
    health.revision = connector.revision
    health.probe_at = now + min(PROBE_FIRST * 2**health.probes, PROBE_LONGEST)
