"""One parcel to one target. No database here, and the only place that catches errors.

A request whose answer was lost is *maybe sent*: the target is looked up before anything
is repeated. What is found there goes to `resolving` before it is written to.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from connectors import (
    Ambiguous,
    Connector,
    ConnectorError,
    ConnectorIsWrong,
    EntityType,
    JobIsWrong,
    NeedsAllMembers,
    NotBefore,
    NotConfigured,
    OutOfBudget,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.http import Rehearsed
from provisioning import budgets, spanned
from provisioning.delivery import dry_run
from provisioning.delivery.looking import FoundThere, Hold, Progress
from provisioning.delivery.putting import change_members, put
from provisioning.delivery.removing import remove
from provisioning.models import MISCONFIGURED, REMOVES, Outcome
from provisioning.parcels import Parcel, Report

log = logging.getLogger(__name__)

OUTCOMES: tuple[tuple[type[ConnectorError], Outcome, str], ...] = (
    (OutOfBudget, Outcome.OVER_BUDGET, "budget"),
    (NotBefore, Outcome.NOT_BEFORE, "throttled"),
    (RetryLater, Outcome.RETRY, "transient"),
    (ConnectorIsWrong, Outcome.CONNECTOR_WRONG, "connector"),
    (Ambiguous, Outcome.AMBIGUOUS, "ambiguous"),
    (NotConfigured, Outcome.JOB_WRONG, MISCONFIGURED),
    (JobIsWrong, Outcome.JOB_WRONG, "rejected"),
    (RemoteExists, Outcome.JOB_WRONG, "name_taken"),
    (RemoteMissing, Outcome.JOB_WRONG, "missing"),
    (ConnectorError, Outcome.JOB_WRONG, "rejected"),
)
"""What each named error means for the job; the first class that fits counts."""

DEFECT: Mapping[str, Any] = {
    "outcome": Outcome.INTERNAL,
    "code": "internal",
    "reason": "unexpected error in the connector; the log has it",
}


def send(parcel: Parcel, connector: Connector) -> Report:
    """Try once. Never raises: every error becomes the outcome that names what to do next."""
    with spanned.delivering(parcel) as span:
        report = _tried(parcel, connector)
        spanned.delivered(span, report)
    return dataclasses.replace(report, trace_id=span.trace_id) if span.trace_id else report


def _tried(parcel: Parcel, connector: Connector) -> Report:
    started, clock = timezone.now(), time.monotonic()
    connector.http.reset(budgets.most_requests(parcel.job))
    if parcel.entity.password:
        connector.http.hide(parcel.entity.password, for_this_job=True)
    progress = Progress()
    try:
        _deliver(parcel, connector, progress)
        told: dict[str, Any] = {"outcome": _success(parcel), "reason": progress.reason}
    except FoundThere as found:
        told = {"outcome": Outcome.HELD, "conflict": found.conflict}
    except Hold as hold:
        told = {"outcome": Outcome.HELD, "code": hold.code, "reason": str(hold)}
    except Rehearsed:
        told = {"outcome": Outcome.DRY_RUN, "reason": progress.reason}
    except NeedsAllMembers as error:
        told = {"outcome": Outcome.RETRY, "needs_all_members": True, "reason": str(error)}
    except ConnectorError as error:
        told = _named(error)
    except Exception:
        # A connector of anybody's may break in any way; the worker must live on.
        log.exception("job %s broke its connector", parcel.job.pk)
        told = {**DEFECT, "maybe_sent": True}
    report = Report(
        parcel=parcel,
        started=started,
        duration_ms=int((time.monotonic() - clock) * 1000),
        receipt=progress.receipt,
        gone=progress.gone,
        former=progress.former,
        adopted=parcel.adopt is not None and not parcel.confirmed,
        added=tuple(progress.added),
        removed=tuple(progress.removed),
        limit=connector.http.limit,
        exchanges=parcel.earlier_exchanges
        + tuple(one.document() for one in connector.http.exchanges),
        **told,
    )
    return dry_run.rehearsal(report) if connector.http.rehearses else report


def broken(parcel: Parcel, error: ConnectorError) -> Report:
    """The report on a job whose connector could not even be opened."""
    return Report(parcel=parcel, started=timezone.now(), duration_ms=0, **_named(error))


def defect(parcel: Parcel) -> Report:
    """The report on a job whose connector broke, in any way, while it was opened."""
    return Report(parcel=parcel, started=timezone.now(), duration_ms=0, **DEFECT)


def _success(parcel: Parcel) -> Outcome:
    if parcel.adopt is None:
        return Outcome.DONE
    return Outcome.CONFIRMED if parcel.confirmed else Outcome.ADOPTED


def _named(error: ConnectorError) -> dict[str, Any]:
    outcome, code = next((o, c) for kind, o, c in OUTCOMES if isinstance(error, kind))
    told: dict[str, Any] = {
        "outcome": outcome,
        "code": code,
        "reason": str(error),
        "status": error.status,
    }
    if isinstance(error, RetryLater):
        told["maybe_sent"] = error.maybe_sent
    if isinstance(error, NotBefore):
        told["retry_after"] = error.retry_after
    return told


def _deliver(parcel: Parcel, connector: Connector, progress: Progress) -> None:
    if connector.http.rehearses:
        parcel = dry_run.ask_first(parcel, connector, progress)
    if parcel.job.operation in REMOVES:
        remove(parcel, connector, progress)
        return
    progress.receipt = put(parcel, connector, progress)
    if parcel.entity.type is EntityType.GROUP:
        change_members(parcel, connector, progress)
