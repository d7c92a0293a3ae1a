"""What goes to a target and what comes back: frozen values between the steps of delivery."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors import Entity, Found, MemberChanges, Receipt
from idp.models import OutboundConnector
from provisioning.models import Job, Outcome, ProvisionedEntity


@dataclass(frozen=True, slots=True)
class Parcel:
    """One job with all that is needed to send it.

    `members` maps the remote ids in `changes` to our users. `adopt` is an account found at
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
    even when the attempt failed after that."""

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
    trace_id: str = ""
