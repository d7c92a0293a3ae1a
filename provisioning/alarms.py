"""The alarms there are, in words: what happened, whom it concerns, and where to go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from idp.models import IdentityProvider, OutboundConnector, Tenant
from provisioning.models import (
    AuditEvent,
    Cause,
    Job,
    Notification,
    Severity,
    State,
    Webhook,
)
from provisioning.notifications import Alarm, raise_alarms, resolve
from provisioning.parcels import Report
from provisioning.signatures import Failure, signature

ASKED = 50
"""Jobs whose changes are looked up to say who caused them."""
NAMED = 3
"""Actors that are named."""


def key_of(cause: Cause, *parts: object) -> str:
    return "/".join([cause.value, *map(str, parts)])


def quarantined(connector: OutboundConnector, reason: str, report: Report | None) -> None:
    """`report` is of the attempt that did it, where that is known."""
    exchange = report.exchanges[-1] if report and report.exchanges else None
    text = (
        "Nothing is sent any more, changes queue, and one request tries again now and then. "
        f"Why: {reason}"
    )
    if exchange:
        text += (
            f"\nThe request: {exchange['method']} {exchange['url']}, "
            f"answered {exchange['status'] or 'nothing'}."
        )
    told = {"job": str(report.parcel.job.pk), "exchange": exchange} if report else {}
    raise_alarms(
        [
            Alarm(
                tenant=connector.provider.tenant,
                connector=connector,
                cause=Cause.QUARANTINE,
                key=key_of(Cause.QUARANTINE, connector.pk),
                severity=Severity.CRITICAL,
                title=f"{connector} is quarantined",
                text=text,
                link=page_of(connector),
                data=told,
            )
        ]
    )


def healed(connector: OutboundConnector) -> None:
    key = key_of(Cause.QUARANTINE, connector.pk)
    resolve(Notification.objects.filter(tenant=connector.provider.tenant, key=key))


def guard_holds(connector: OutboundConnector, jobs: Sequence[Job], reason: str) -> None:
    """The guard has begun to hold removals."""
    raise_alarms(
        [
            Alarm(
                tenant=connector.provider.tenant,
                connector=connector,
                cause=Cause.GUARD,
                key=key_of(Cause.GUARD, connector.pk),
                severity=Severity.CRITICAL,
                title=f"The deletion guard holds removals at {connector}",
                text=f"They wait for you to release or reject them. Why: {reason}\n"
                f"Caused by {_actors(connector.provider.tenant, jobs)}.",
                link=jobs_page(connector, State.HELD, cause="guard"),
                count=max(1, len(jobs)),
            )
        ]
    )


def _actors(tenant: Tenant, jobs: Sequence[Job]) -> str:
    some = jobs[:ASKED]
    rows = AuditEvent.objects.filter(
        tenant=tenant,
        subject_id__in={str(job.entity_id) for job in some},
        change_id__in={job.change_id for job in some},
    ).exclude(action="job.hold")
    counted = Counter(rows.order_by().values_list("actor", "door"))
    named = [
        f"{actor} ({door})" if door else actor for (actor, door), _ in counted.most_common()
    ]
    if not named:
        return "changes whose audit rows are gone"
    more = len(named) - NAMED
    return ", ".join(named[:NAMED]) + (f" and {more} more" if more > 0 else "")


def dead_letters(connector: OutboundConnector, failures: Sequence[tuple[Failure, Job]]) -> None:
    """One alarm for each new way in which jobs have failed. One statement, or none."""
    alike: dict[str, list[tuple[Failure, Job]]] = {}
    for failure, job in failures:
        alike.setdefault(signature(failure), []).append((failure, job))
    raise_alarms([_letters(connector, name, same) for name, same in alike.items()])


def _letters(
    connector: OutboundConnector, name: str, same: Sequence[tuple[Failure, Job]]
) -> Alarm:
    failure, job = same[0]
    what = f"{job.get_operation_display().lower()} {failure.entity_type}s"
    return Alarm(
        tenant=connector.provider.tenant,
        connector=connector,
        cause=Cause.DEAD_LETTERS,
        key=key_of(Cause.DEAD_LETTERS, connector.pk, name),
        severity=Severity.WARNING,
        title=f"Jobs to {what} at {connector} fail in a new way",
        text=f"They are not tried again until you say so. The first of them: {failure.reason}",
        link=letters_page(connector, name),
        count=len(same),
        data={"signature": name},
    )


def owed(connector: OutboundConnector, count: int) -> Alarm:
    return Alarm(
        tenant=connector.provider.tenant,
        connector=connector,
        cause=Cause.OWED,
        key=key_of(Cause.OWED, connector.pk),
        severity=Severity.WARNING,
        title=f"Removals are owed at {connector}",
        text="People were removed here while the connector was disabled: their accounts there "
        "are still alive. Enable the connector, then send the owed removals.",
        link=links_page(connector),
        count=count,
    )


def certificate(provider: IdentityProvider, expires: datetime, days: int) -> Alarm:
    when = f"{expires:%Y-%m-%d %H:%M} UTC"
    over = days < 0
    return Alarm(
        tenant=provider.tenant,
        cause=Cause.CERTIFICATE,
        key=key_of(Cause.CERTIFICATE, provider.pk, f"{expires:%Y-%m-%d}", over),
        severity=Severity.CRITICAL if over else Severity.WARNING,
        title=f"A certificate of {provider.name} {'has expired' if over else 'expires soon'}",
        text=f"It {'was' if over else 'is'} valid until {when}. Ask the identity provider for "
        "the next one and store it with the identity provider; both may stand there.",
        link=reverse("admin:idp_identityprovider_change", args=[provider.pk]),
        data={"provider": str(provider.pk), "expires": expires.isoformat()},
    )


def tick_overdue(root: Tenant, name: str, since: datetime) -> Alarm:
    return Alarm(
        tenant=root,
        cause=Cause.TICK,
        key=key_of(Cause.TICK, name),
        severity=Severity.CRITICAL,
        title=f"Periodic work does not get done: {name}",
        text=f"It has been due since {since:%Y-%m-%d %H:%M} UTC. It fails each time, or the "
        "process that does it dies: the log has it.",
        data={"tick": name},
    )


def worker_missing(root: Tenant, since: datetime) -> Alarm:
    return Alarm(
        tenant=root,
        cause=Cause.WORKER,
        key=key_of(Cause.WORKER),
        severity=Severity.CRITICAL,
        title="Changes wait and no worker delivers them",
        text=f"The last worker was there at {since:%Y-%m-%d %H:%M} UTC. Start one: "
        "`manage.py worker`, or a Celery worker where there is a broker.",
        link=f"{reverse('admin:provisioning_job_changelist')}?state=pending",
    )


def webhook_disabled(webhook: Webhook, because: str) -> Alarm:
    return Alarm(
        tenant=webhook.tenant,
        cause=Cause.WEBHOOK,
        key=key_of(Cause.WEBHOOK, webhook.pk),
        severity=Severity.WARNING,
        title=f"The webhook {webhook.name} was disabled",
        text=f"{because} Events are not kept for it meanwhile. Put the receiver right, then "
        "enable the webhook again.",
        link=reverse("admin:provisioning_webhook_change", args=[webhook.pk]),
        data={"webhook": str(webhook.pk)},
    )


def audit_trail(tenant: Tenant, problem: str) -> Alarm:
    return Alarm(
        tenant=tenant,
        cause=Cause.AUDIT,
        key=key_of(Cause.AUDIT, tenant.pk, problem),
        severity=Severity.CRITICAL,
        title="The audit trail does not verify",
        text=f"{problem[:1].upper()}{problem[1:]}. Nothing new is sealed meanwhile. Unless a "
        "key is missing, find out who can write to the database, and keep a copy of it as it "
        f"is. Then `manage.py verify_audit --tenant {tenant.domain} --accept` lets it begin "
        "anew.",
        link=reverse("admin:provisioning_auditevent_changelist"),
    )


def page_of(connector: OutboundConnector) -> str:
    return reverse("admin:idp_outboundconnector_change", args=[connector.pk])


def jobs_page(connector: OutboundConnector, state: State, **more: str) -> str:
    query = urlencode({"connector": connector.pk, "state": state.value, **more})
    return f"{reverse('admin:provisioning_job_changelist')}?{query}"


def letters_page(connector: OutboundConnector, signature: str) -> str:
    query = urlencode({"connector": connector.pk, "signature": signature})
    return f"{reverse('admin:dead_letters')}?{query}"


def links_page(connector: OutboundConnector) -> str:
    query = urlencode({"connector": connector.pk})
    return f"{reverse('admin:provisioning_provisionedentity_changelist')}?{query}"
