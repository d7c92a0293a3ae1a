"""Rehearsing instead of sending: what would have gone, and what would have come of it.

The connector is the same, and so is the way to its requests; only its session sends nothing
that may change anything (`connectors.http`). What a target tells by refusing a write is
asked for first, by reading. Whatever comes of it, nothing is believed of the target that
was not believed before.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from connectors import Connector
from idp.models import Mode, OutboundConnector
from provisioning.delivery.looking import FoundThere, Progress, look_up
from provisioning.models import (
    REHEARSED,
    REMOVES,
    Job,
    Operation,
    Outcome,
    ProvisionedEntity,
)
from provisioning.parcels import Conflict, Parcel, Report

SAID = "dry run: "
_SENT = (Outcome.DONE, Outcome.CONFIRMED, Outcome.ADOPTED)
_WOULD = {
    Operation.CREATE: "would create",
    Operation.UPDATE: "would update",
    Operation.DELETE: "would remove",
    Operation.WITHDRAW: "would take away",
}


def is_on(connector: OutboundConnector) -> bool:
    return connector.mode == Mode.DRY_RUN


def ask_first(parcel: Parcel, connector: Connector, progress: Progress) -> Parcel:
    """What the answer to a write would tell: whether the account is there, or its name taken.

    The parcel without its link when the account is gone. Raises `FoundThere`.
    """
    entity, job = parcel.entity, parcel.job
    removes = job.operation in REMOVES
    if parcel.adopt is not None or parcel.unconfirmed_link:
        return parcel
    if parcel.link is not None:
        if connector.fetch(entity.type, entity.remote_id) is None:
            progress.reason = "it is not there any more"
            return parcel if removes else dataclasses.replace(parcel, link=None)
        return parcel
    if removes:
        return parcel
    name = entity.remote_name
    if found := look_up(parcel, connector, [name]):
        in_flight = job.maybe_sent and name in parcel.maybe_names
        raise FoundThere(Conflict(found, in_flight=in_flight))
    return parcel


def rehearsal(report: Report) -> Report:
    """The report as a rehearsal tells it: without anything to believe of the target.

    What failed before there was anything to send stays what it is; what was found at the
    target is still to be judged.
    """
    bare: dict[str, Any] = {
        "receipt": None,
        "gone": False,
        "former": False,
        "adopted": False,
        "added": (),
        "removed": (),
        "maybe_sent": False,
    }
    written = any(one.get("rehearsed") for one in report.exchanges)
    if written or report.outcome in _SENT:
        bare |= {"outcome": Outcome.DRY_RUN, "code": REHEARSED, "reason": _words(report)}
        bare |= {"needs_all_members": False, "status": None, "retry_after": None}
    elif report.outcome is Outcome.HELD and report.conflict is None:
        bare |= held(report.reason)
    return dataclasses.replace(report, **bare)


def held(reason: str) -> dict[str, Any]:
    """What becomes of a report that would hold the job."""
    told = f"{SAID}would be held for an operator: {reason}"
    return {"outcome": Outcome.DRY_RUN, "code": REHEARSED, "reason": told}


def judged(report: Report) -> Report:
    """A report that holds its job, as the connector's mode wants it told."""
    if report.outcome is not Outcome.HELD or not is_on(report.parcel.connector):
        return report
    return dataclasses.replace(report, **held(report.reason), conflict=None)


def leaving(
    connector: OutboundConnector, takers: Mapping[tuple[str, str], ProvisionedEntity]
) -> set[tuple[str, str]]:
    """Names that somebody else has, and would have given up: their job was rehearsed too."""
    if not (takers and is_on(connector)):
        return set()
    freeing = Job.objects.filter(
        connector=connector,
        is_open=True,
        frees_key__in=[name for _, name in takers],
        entity_id__in=[link.entity_id for link in takers.values()],
    )
    return set(freeing.values_list("entity_type", "frees_key"))


def _words(report: Report) -> str:
    parcel = report.parcel
    job, name = parcel.job, parcel.entity.remote_name
    requests = [one for one in report.exchanges if one.get("rehearsed")]
    why = f" ({report.reason})" if report.reason else ""
    would = _WOULD[Operation(job.operation)]
    if job.operation not in REMOVES:
        would = _WOULD[Operation.UPDATE if parcel.link else Operation.CREATE]
        if parcel.adopt is not None:
            would = "would update" if parcel.confirmed else "would adopt"
    if not requests:
        return f"{SAID}{would} {name}, without a request{why}"
    sent = ", ".join(f"{one['method']} {one['url']}" for one in requests)
    return f"{SAID}{would} {name} with {sent}{why}; nothing was sent"
