"""What goes to a target and what comes back: frozen values between the steps of delivery."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors import Entity, Found, Member, MemberChanges, Receipt
from connectors.rate_limits import RateLimit
from idp.models import OutboundConnector
from provisioning.models import Job, Outcome, ProvisionedEntity


@dataclass(frozen=True, slots=True)
class Parcel:
    """One job with all that is needed to send it.

    `members` maps the remote ids in `changes` to our users. `taken` is who is in the group
    there by us, once the connector has asked for everyone. `adopt` is an account found at
    the target that `resolving` allowed; `confirmed` says it is our own create's. `causes`:
    see `provisioning.causes`.
    """

    job: Job
    connector: OutboundConnector
    entity: Entity
    link: ProvisionedEntity | None = None
    create_only: Mapping[str, Any] = field(default_factory=dict)
    maybe_names: tuple[str, ...] = ()
    changes: MemberChanges = field(default_factory=MemberChanges)
    members: Mapping[str, uuid.UUID] = field(default_factory=dict)
    taken: Sequence[Member] = ()
    unsendable: Sequence[uuid.UUID] = ()
    adopt: Found | None = None
    confirmed: bool = False
    earlier_exchanges: tuple[dict[str, Any], ...] = ()
    causes: tuple[str, ...] = ()

    @property
    def unconfirmed_link(self) -> bool:
        """The connector points at another system than when the link was made."""
        link = self.link
        return link is not None and link.generation != self.connector.generation


@dataclass(frozen=True, slots=True)
class Conflict:
    """An account at the target has the name. `in_flight`: our own create may have made it."""

    found: Found
    in_flight: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one attempt. `receipt`, `added` and `removed` hold what the target took
    even when the attempt failed after that. `limit`: what it said it will still take."""

    parcel: Parcel
    outcome: Outcome
    started: datetime
    duration_ms: int
    reason: str = ""
    code: str = ""
    status: int | None = None
    receipt: Receipt | None = None
    gone: bool = False
    former: bool = False
    adopted: bool = False
    maybe_sent: bool = False
    retry_after: float | None = None
    added: tuple[uuid.UUID, ...] = ()
    removed: tuple[uuid.UUID, ...] = ()
    conflict: Conflict | None = None
    needs_all_members: bool = False
    exchanges: tuple[dict[str, Any], ...] = ()
    limit: RateLimit | None = None
    trace_id: str = ""

    @property
    def asked_to_wait(self) -> float | None:
        """Seconds; None when it may be asked again at once, or another step tells."""
        if self.outcome == Outcome.NOT_BEFORE:
            return self.retry_after or 0.0
        steps_follow = self.conflict is not None or self.needs_all_members
        if steps_follow or self.limit is None or not self.limit.used_up:
            return None
        return self.limit.reset

    @property
    def stops(self) -> bool:
        """Whether nothing more should go to the target just now."""
        return self.asked_to_wait is not None or self.outcome == Outcome.CONNECTOR_WRONG
