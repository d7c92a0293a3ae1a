"""Reading the whole chain again: up to where is it what was sealed?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from idp.models import Tenant
from provisioning.chain import ends, seals
from provisioning.models import AuditChain, AuditEvent

TOGETHER = 1_000
"""Events between two words of progress."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A number of the chain with its seal, as somebody wrote it down elsewhere."""

    number: int
    seal: bytes


@dataclass(slots=True)
class Verified:
    """What was found. `through` is the last number up to which everything is as sealed."""

    tenant: Tenant
    start: int = 0
    through: int = 0
    at: datetime | None = None
    """Of the last good event."""
    seal: bytes = b""
    """Of the last good event: to be written down elsewhere, as an anchor."""
    unsealed: int = 0
    problem: str = ""
    anchored: bool = field(default=False, repr=False)

    @property
    def intact(self) -> bool:
        return not self.problem


def verify(tenant: Tenant, anchor: Anchor | None = None) -> Iterator[Verified]:
    """Yields what is known so far, now and then; the last one is the finding.

    Reads only, in constant memory; events may be added, sealed and forgotten meanwhile.
    """
    chain = AuditChain.objects.filter(tenant=tenant).first() or AuditChain(tenant=tenant)
    found = Verified(tenant, chain.start, chain.start, chain.start_at, bytes(chain.start_seal))
    found.unsealed = AuditEvent.objects.filter(tenant=tenant, sequence=None).count()
    found.problem = seals.objection(chain)
    if found.intact:
        yield from _walk(chain, found, anchor)
    if found.intact:
        found.problem = ends.beyond(chain) or _anchor_missed(found, anchor)
    yield found


def _walk(chain: AuditChain, found: Verified, anchor: Anchor | None) -> Iterator[Verified]:
    sealed = AuditEvent.objects.filter(tenant=chain.tenant_id, sequence__lte=chain.head)
    rows = sealed.filter(sequence__gt=chain.start).order_by("sequence")
    for event in rows.iterator(chunk_size=TOGETHER):
        if objection := _objection(chain, found, event, anchor):
            found.problem = objection
            return
        if found.through % TOGETHER == 0:
            yield found
    if found.through != chain.head and not _forgotten_meanwhile(chain, found, chain.head + 1):
        found.problem = f"event {found.through + 1} is missing"
    elif found.through == chain.head and found.seal != bytes(chain.head_seal):
        found.problem = f"event {found.through} is not the one the chain ends with"


def _objection(
    chain: AuditChain, found: Verified, event: AuditEvent, anchor: Anchor | None
) -> str:
    """What is wrong with the next event; what is good is noted in `found`."""
    number, seal = event.sequence or 0, bytes(event.seal or b"")
    if number != found.through + 1 and not _forgotten_meanwhile(chain, found, number):
        return f"event {found.through + 1} is missing"
    if seal != seals.seal_of(event, number, found.seal):
        return f"event {number} is not what was sealed"
    if anchor and anchor.number == number:
        if anchor.seal != seal:
            return f"event {number} has another seal than the anchor"
        found.anchored = True
    found.through, found.at, found.seal = number, event.at, seal
    return ""


def _forgotten_meanwhile(chain: AuditChain, found: Verified, number: int) -> bool:
    """Whether all before this number was pruned since we read where the chain begins."""
    now = AuditChain.objects.get(pk=chain.pk)
    if now.start + 1 != number or now.start <= found.through or seals.objection(now):
        return False
    found.start = found.through = now.start
    found.seal, found.at = bytes(now.start_seal), now.start_at
    return True


def _anchor_missed(found: Verified, anchor: Anchor | None) -> str:
    if anchor is None or found.anchored:
        return ""
    if anchor.number > found.through:
        return f"the chain ends at {found.through}, before the anchor {anchor.number}"
    if anchor.number == found.start and anchor.seal == found.seal:
        return ""
    return (
        f"the anchor {anchor.number} can be compared with nothing: the chain begins after "
        f"{found.start} by now"
    )
