"""One parcel to one target. No database here, and the only place that catches errors.

A request whose answer was lost is *maybe sent*: the target is looked up before anything
is repeated. What is found there goes to `resolving` before it is written to.
"""

from __future__ import annotations

import dataclasses
import logging
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from connectors import (
    Ambiguous,
    Connector,
    ConnectorError,
    ConnectorIsWrong,
    EntityType,
    Found,
    JobIsWrong,
    Member,
    NeedsAllMembers,
    NotBefore,
    Receipt,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from idp.models import DeleteAction
from provisioning import mapping
from provisioning.delivery.parcels import Conflict, Parcel, Report
from provisioning.models import REMOVES, Outcome

log = logging.getLogger(__name__)

OUTCOMES: tuple[tuple[type[ConnectorError], Outcome, str], ...] = (
    (NotBefore, Outcome.NOT_BEFORE, "throttled"),
    (RetryLater, Outcome.RETRY, "transient"),
    (ConnectorIsWrong, Outcome.CONNECTOR_WRONG, "connector"),
    (Ambiguous, Outcome.AMBIGUOUS, "ambiguous"),
    (JobIsWrong, Outcome.JOB_WRONG, "rejected"),
    (RemoteExists, Outcome.JOB_WRONG, "name_taken"),
    (RemoteMissing, Outcome.JOB_WRONG, "missing"),
    (ConnectorError, Outcome.JOB_WRONG, "rejected"),
)
"""What each named error means for the job; the first class that fits counts."""


class _FoundThere(Exception):
    def __init__(self, conflict: Conflict) -> None:
        super().__init__(conflict.found.remote_name)
        self.conflict = conflict


class _Hold(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(slots=True)
class _Progress:
    """What the target has taken so far; survives an error half-way."""

    receipt: Receipt | None = None
    gone: bool = False
    former: bool = False
    reason: str = ""
    added: list[uuid.UUID] = field(default_factory=list)
    removed: list[uuid.UUID] = field(default_factory=list)


def send(parcel: Parcel, connector: Connector) -> Report:
    """Try once. Never raises: every error becomes the outcome that names what to do next."""
    started, clock = timezone.now(), time.monotonic()
    connector.http.reset()
    if parcel.entity.password:
        connector.http.hide(parcel.entity.password, for_this_job=True)
    progress = _Progress()
    try:
        _deliver(parcel, connector, progress)
        told: dict[str, Any] = {"outcome": _success(parcel), "reason": progress.reason}
    except _FoundThere as found:
        told = {"outcome": Outcome.HELD, "conflict": found.conflict}
    except _Hold as hold:
        told = {"outcome": Outcome.HELD, "code": hold.code, "reason": str(hold)}
    except NeedsAllMembers as error:
        told = {"outcome": Outcome.RETRY, "needs_all_members": True, "reason": str(error)}
    except ConnectorError as error:
        told = _named(error)
    except Exception:
        # A connector of anybody's may break in any way; the worker must live on.
        log.exception("job %s broke its connector", parcel.job.pk)
        told = {
            "outcome": Outcome.INTERNAL,
            "code": "internal",
            "reason": "unexpected error in the connector; the log has it",
            "maybe_sent": True,
        }
    return Report(
        parcel=parcel,
        started=started,
        duration_ms=int((time.monotonic() - clock) * 1000),
        receipt=progress.receipt,
        gone=progress.gone,
        former=progress.former,
        adopted=parcel.adopt is not None and not parcel.confirmed,
        added=tuple(progress.added),
        removed=tuple(progress.removed),
        exchanges=parcel.earlier_exchanges
        + tuple(dataclasses.asdict(one) for one in connector.http.exchanges),
        **told,
    )


def broken(parcel: Parcel, error: ConnectorError) -> Report:
    """The report on a job whose connector could not even be opened."""
    return Report(parcel=parcel, started=timezone.now(), duration_ms=0, **_named(error))


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


def _deliver(parcel: Parcel, connector: Connector, progress: _Progress) -> None:
    if parcel.job.operation in REMOVES:
        _remove(parcel, connector, progress)
        return
    progress.receipt = _put(parcel, connector)
    if parcel.entity.type is EntityType.GROUP:
        _change_members(parcel, connector, progress)


def _put(parcel: Parcel, connector: Connector) -> Receipt:
    """Update what is linked, create what is not; each becomes the other when it must."""
    if parcel.adopt is not None:
        return connector.update(_as_found(parcel, parcel.adopt))
    if parcel.link is not None:
        if parcel.unconfirmed_link and not _still_there(parcel, connector):
            return _create(parcel, connector)
        try:
            return connector.update(_for_update(parcel))
        except RemoteMissing:
            return _create(parcel, connector)
    return _create(parcel, connector)


def _create(parcel: Parcel, connector: Connector) -> Receipt:
    entity = dataclasses.replace(
        parcel.entity,
        remote_id="",
        accepted=None,
        accepted_name="",
        attributes=mapping.merge(
            parcel.entity.attributes, parcel.create_only, connector.dialect
        ),
    )
    if parcel.job.maybe_sent and (found := _look_up(parcel, connector)):
        raise _FoundThere(Conflict(found, in_flight=True))
    try:
        return connector.create(entity)
    except RemoteExists as error:
        found = _look_up(parcel, connector)
        if found is None:
            raise JobIsWrong(f"{error}; but a look-up does not find it") from error
        raise _FoundThere(Conflict(found, in_flight=False)) from error


def _for_update(parcel: Parcel) -> Any:
    """Attributes for creation only stay as the target has them."""
    entity = parcel.entity
    if not parcel.create_only or entity.accepted is None:
        return entity
    dialect = parcel.connector.connector_class.dialect
    kept = mapping.pick(entity.accepted, parcel.create_only, dialect)
    return dataclasses.replace(
        entity, attributes=mapping.merge(entity.attributes, kept, dialect)
    )


def _as_found(parcel: Parcel, found: Found) -> Any:
    """Write to an account that was found: everything but a password, unless it is ours."""
    return dataclasses.replace(
        parcel.entity,
        remote_id=found.remote_id,
        accepted_name=found.remote_name,
        accepted=None,
        password=parcel.entity.password if parcel.confirmed else None,
    )


def _still_there(parcel: Parcel, connector: Connector) -> bool:
    """Whether the system the connector points at now has our entity under the old id."""
    found = connector.fetch(parcel.entity.type, parcel.entity.remote_id)
    if found is None:
        return False
    ours = {parcel.entity.accepted_name.casefold(), parcel.entity.remote_name.casefold()}
    same_external = bool(found.external_id) and found.external_id == parcel.entity.external_id
    return found.remote_name.casefold() in ours or same_external


def _look_up(parcel: Parcel, connector: Connector) -> Found | None:
    """The one account that has our name, or a name we may have used. Raises `Ambiguous`."""
    matches: dict[str, Found] = {}
    for name in dict.fromkeys((parcel.entity.remote_name, *parcel.maybe_names)):
        for found in connector.find(dataclasses.replace(parcel.entity, remote_name=name)):
            matches[found.remote_id] = found
    if len(matches) > 1:
        raise Ambiguous(
            f"{len(matches)} entries at the target match {parcel.entity.remote_name}: "
            + ", ".join(sorted(matches))
        )
    return next(iter(matches.values()), None)


def _remove(parcel: Parcel, connector: Connector, progress: _Progress) -> None:
    action = parcel.connector.delete_action
    if action == DeleteAction.KEEP:
        progress.former, progress.reason = True, "the account is kept as it is"
        return
    remote_id = _id_to_remove(parcel, connector)
    if remote_id is None:
        progress.gone, progress.reason = True, "it was not there"
        return
    try:
        if action == DeleteAction.DISABLE and parcel.entity.type is EntityType.USER:
            progress.receipt = connector.update(_disabled(parcel, remote_id))
            progress.former, progress.reason = True, "the account is disabled"
        else:
            connector.delete(dataclasses.replace(parcel.entity, remote_id=remote_id))
            progress.gone = True
    except RemoteMissing:
        progress.gone, progress.reason = True, "it was gone already"


def _id_to_remove(parcel: Parcel, connector: Connector) -> str | None:
    """A known id, or one confirmed by a look-up; None when there is nothing to remove."""
    if parcel.adopt is not None:
        return parcel.adopt.remote_id
    if parcel.link is not None:
        if parcel.unconfirmed_link and not _still_there(parcel, connector):
            raise _Hold(
                "unconfirmed",
                "the connector now points at another system, which does not have this "
                "account under the id we know",
            )
        return parcel.entity.remote_id
    if not parcel.job.maybe_sent:
        return None
    if found := _look_up(parcel, connector):
        raise _FoundThere(Conflict(found, in_flight=True))
    return None


def _disabled(parcel: Parcel, remote_id: str) -> Any:
    """The account as the target has it, but disabled; that much is always sent."""
    entity = parcel.entity
    held = parcel.adopt.attributes if parcel.adopt else None
    if parcel.link is not None:
        held = parcel.link.accepted
    known = {name: value for name, value in (held or {}).items() if name != "active"}
    return dataclasses.replace(
        entity,
        remote_id=remote_id,
        remote_name=entity.accepted_name or entity.remote_name,
        active=False,
        attributes=known,
        accepted=known,
        password=None,
    )


def _change_members(parcel: Parcel, connector: Connector, progress: _Progress) -> None:
    if not parcel.changes or progress.receipt is None:
        return
    group = dataclasses.replace(parcel.entity, remote_id=progress.receipt.remote_id)
    wanted = {member.remote_id for member in parcel.changes.add}
    for chunk in connector.change_members(group, parcel.changes):
        _note(parcel, chunk, wanted, progress)


def _note(parcel: Parcel, chunk: Any, wanted: set[str], progress: _Progress) -> None:
    for member in chunk:
        taken: Member = member
        if local := parcel.members.get(taken.remote_id):
            (progress.added if taken.remote_id in wanted else progress.removed).append(local)
