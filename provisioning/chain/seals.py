"""What a seal is made of, and the signatures at the ends of a chain."""

from __future__ import annotations

import hashlib
from datetime import UTC

import orjson

from idp import secrets
from provisioning.models import AuditChain, AuditEvent


def seal_of(event: AuditEvent, number: int, before: bytes) -> bytes:
    """SHA-256 of the seal before it and of the event, as JSON with sorted keys.

    The event must have been read from the database, which may write numbers its own way.
    """
    told = {
        "number": number,
        "id": event.pk,
        "tenant": event.tenant_id,
        "at": event.at.astimezone(UTC),
        "actor": event.actor,
        "door": event.door,
        "service_provider": event.service_provider,
        "action": event.action,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "subject_name": event.subject_name,
        "change_id": event.change_id,
        "detail": event.detail,
    }
    return hashlib.sha256(before + orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).digest()


def sign_start(chain: AuditChain) -> None:
    chain.start_signature = secrets.sign(*_end(chain, "start"))


def sign_head(chain: AuditChain) -> None:
    chain.head_signature = secrets.sign(*_end(chain, "head"))


def objection(chain: AuditChain) -> str:
    """What is wrong with its signatures; empty when nothing is."""
    for end in ("start", "head"):
        if not getattr(chain, end):
            continue
        try:
            held = secrets.is_signed(*_end(chain, end), getattr(chain, f"{end}_signature"))
        except secrets.CannotOpen:
            return (
                f"the {end} of the chain is signed with a key that is not in "
                "PURVEYOR_SECRET_KEYS: put the key back; if none was taken out, the signature "
                "has been overwritten"
            )
        if not held:
            return f"the {end} of the chain has been changed: its signature does not hold"
    return ""


def _end(chain: AuditChain, end: str) -> tuple[bytes, str]:
    """What is signed, and for which place."""
    number, seal = getattr(chain, end), bytes(getattr(chain, f"{end}_seal"))
    return b"%d:%b" % (number, seal), f"audit-{end}/{chain.tenant_id}"
