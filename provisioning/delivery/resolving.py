"""An account was found at the target: is it ours, may it be adopted, or must a human look?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from django.db.models import Q

from connectors import Found
from idp.models import OnConflict
from idp.secrets import CannotOpen
from provisioning import traces
from provisioning.delivery import dry_run, loading
from provisioning.models import REMOVES, Job, LinkState, Outcome, ProvisionedEntity, State
from provisioning.parcels import Conflict, Parcel, Report


def next_step(report: Report) -> Parcel | Report:
    """What to send next for this job in the same attempt, or the report when it is over."""
    earlier = report.exchanges
    if report.needs_all_members and report.parcel.changes.everyone is None:
        parcel = loading.with_everyone(_with_receipt(report))
        return dataclasses.replace(parcel, earlier_exchanges=earlier)
    resolved = resolve(report)
    if isinstance(resolved, Parcel):
        return dataclasses.replace(resolved, earlier_exchanges=earlier)
    return resolved


def _with_receipt(report: Report) -> Parcel:
    """The group as the target has it now: it may have been made in this very attempt."""
    parcel, receipt = report.parcel, report.receipt
    if receipt is None or parcel.adopt is not None:
        return parcel
    found = Found(remote_id=receipt.remote_id, remote_name=receipt.remote_name)
    return dataclasses.replace(parcel, adopt=found, confirmed=True)


def resolve(report: Report) -> Parcel | Report:
    """A parcel to send again with `adopt` set, or the report that holds the job.

    Confirmed: our own create was in flight, so the account is its work. Anything else of
    that name is foreign and is adopted only where the connector says so. Nothing is
    written to a protected name, to an account of another local entity, or to a disabled one.
    """
    conflict = report.conflict
    if conflict is None:
        return report
    parcel = report.parcel
    owners = _owners(parcel, conflict)
    objection = _objection(parcel, conflict, owners)
    if objection is None:
        try:
            parcel = _after(parcel, owners)
        except CannotOpen as error:
            objection = ("sealed", str(error))
    if objection is None:
        return dataclasses.replace(parcel, adopt=conflict.found, confirmed=conflict.in_flight)
    code, reason = objection
    held = dataclasses.replace(report, outcome=Outcome.HELD, code=code, reason=reason)
    return dry_run.judged(held)


def _after(parcel: Parcel, owners: Sequence[ProvisionedEntity]) -> Parcel:
    """What we put there for a former owner goes, unless it is wanted still."""
    ours = parcel.entity.unconfirmed
    for owner in owners:
        ours = traces.union(owner.accepted or {}, ours)
    entity = dataclasses.replace(parcel.entity, unconfirmed=ours)
    return dataclasses.replace(parcel, entity=entity)


def _objection(
    parcel: Parcel, conflict: Conflict, owners: Sequence[ProvisionedEntity]
) -> tuple[str, str] | None:
    found = conflict.found
    name = found.remote_name or parcel.entity.remote_name
    if name.casefold() in {str(n).casefold() for n in parcel.connector.protected_names}:
        return "protected_name", f"{name} is a protected name at the target"
    if objection := _owner_objection(parcel, conflict, owners):
        return objection
    if conflict.in_flight or parcel.job.released:
        return None
    if parcel.job.operation in REMOVES:
        return "foreign", f"{name} at the target is not known to be ours"
    if parcel.connector.on_conflict == OnConflict.HOLD:
        return "conflict", f"the target already has {name}, which is not ours"
    if not found.active and not any(_comes_back(parcel, owner) for owner in owners):
        return "disabled_there", f"the target already has {name}, and it is disabled there"
    return None


def _owners(parcel: Parcel, conflict: Conflict) -> Sequence[ProvisionedEntity]:
    """Others of ours whose account it is, or was."""
    links = ProvisionedEntity.objects.filter(
        connector=parcel.connector,
        entity_type=parcel.job.entity_type,
        remote_id=conflict.found.remote_id,
    )
    return list(links.exclude(entity_id=parcel.job.entity_id))


def _owner_objection(
    parcel: Parcel, conflict: Conflict, owners: Sequence[ProvisionedEntity]
) -> tuple[str, str] | None:
    for owner in owners:
        if owner.state == LinkState.LINKED:
            return "remote_name_taken", f"remote name taken by {owner.entity_name}"
        if not (_inherits(parcel, owner) or parcel.job.released):
            return "former_owner", f"name belonged to {owner.entity_name}"
    return None if conflict.in_flight else _lost_objection(parcel, conflict)


def _lost_objection(parcel: Parcel, conflict: Conflict) -> tuple[str, str] | None:
    """Somebody else's request, never answered, may have made the account."""
    name = conflict.found.remote_name.casefold()
    lost = Job.objects.filter(
        Q(is_open=True) | Q(state=State.FAILED),
        connector=parcel.connector,
        entity_type=parcel.job.entity_type,
        maybe_sent=True,
    ).exclude(entity_id=parcel.job.entity_id)
    for job in lost.iterator():
        if name in {used.casefold() for used in traces.of(job).names}:
            reason = f"may be {job.entity_name}'s: a request of theirs was never answered"
            return "maybe_anothers", reason
    return None


def _comes_back(parcel: Parcel, owner: ProvisionedEntity) -> bool:
    """It was we who disabled the account, when the same person left."""
    return owner.state == LinkState.FORMER and not owner.active and _inherits(parcel, owner)


def _inherits(parcel: Parcel, owner: ProvisionedEntity) -> bool:
    """The newcomer carries the former owner's externalId: the same person again."""
    ours = parcel.entity.external_id
    return bool(ours) and owner.external_id == ours
