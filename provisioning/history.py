"""What was done and decided, as lines for other programs: jobs, attempts, the audit trail.

Oldest first, read in the order of the keys and in constant memory. What is sealed stays out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db.models import QuerySet

from idp.models import Tenant, first_id
from provisioning.models import Attempt, AuditEvent, Job

Told = Mapping[str, Any]
TOGETHER = 1_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula, whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`columns` are also the keys of a line, in this order."""

    rows: Callable[[Tenant], QuerySet[Any]]
    columns: tuple[str, ...]
    tell: Callable[[Any], Told]


def lines(
    kind: str,
    tenant: Tenant,
    *,
    format: str = "ndjson",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[str]:
    """Lines with their ends. `since` is included, `until` is not."""
    chosen = KINDS[kind]
    rows = chosen.rows(tenant).order_by("id")
    if since is not None:
        rows = rows.filter(pk__gte=first_id(since))
    if until is not None:
        rows = rows.filter(pk__lt=first_id(until))
    return write(kind, rows.iterator(chunk_size=TOGETHER), format)


def write(kind: str, rows: Iterable[Any], format: str) -> Iterator[str]:
    """The same of rows that somebody else has chosen."""
    chosen = KINDS[kind]
    told = ({name: chosen.tell(row)[name] for name in chosen.columns} for row in rows)
    return _csv(chosen.columns, told) if format == "csv" else map(_json, told)


def _json(told: Told) -> str:
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE).decode()


def _csv(columns: tuple[str, ...], told: Iterator[Told]) -> Iterator[str]:
    buffer = io.StringIO()
    out = csv.writer(buffer)
    out.writerow(columns)
    for one in told:
        out.writerow([_cell(one[name]) for name in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    text = orjson.dumps(value).decode() if isinstance(value, dict | list | bool) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _jobs(tenant: Tenant) -> QuerySet[Job]:
    jobs = Job.objects.filter(tenant=tenant).prefetch_related("connector__provider")
    return jobs.defer("sealed_payload", "sealed_password")


def _attempts(tenant: Tenant) -> QuerySet[Attempt]:
    return Attempt.objects.filter(job__tenant=tenant)


def _events(tenant: Tenant) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(tenant=tenant)


def _job(job: Job) -> Told:
    return {
        **_fields(job, JOB),
        "identity_provider": job.connector.provider.name,
        "connector": job.connector.type,
    }


def _event(event: AuditEvent) -> Told:
    return {**_fields(event, EVENT), "seal": bytes(event.seal).hex() if event.seal else None}


def _fields(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


JOB = (
    *("id", "created", "finished", "state", "operation", "entity_type", "entity_id"),
    *("entity_name", "remote_name", "reason_code", "reason", "attempts", "door", "change_id"),
)
ATTEMPT = (
    *("id", "job_id", "number", "started", "duration_ms", "outcome", "status", "reason"),
    "exchanges",
)
EVENT = (
    *("id", "at", "actor", "door", "service_provider", "action", "subject_type"),
    *("subject_id", "subject_name", "change_id", "detail", "sequence"),
)
KINDS = {
    "jobs": Kind(_jobs, (*JOB, "identity_provider", "connector"), _job),
    "attempts": Kind(_attempts, ATTEMPT, lambda row: _fields(row, ATTEMPT)),
    "audit": Kind(_events, (*EVENT, "seal"), _event),
}
FORMATS = ("ndjson", "csv")
