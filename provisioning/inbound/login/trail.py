"""Logins in the audit trail: who got in, who did not, and why. Nothing secret is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from provisioning import audit
from provisioning.changes import Door
from provisioning.inbound.login.stops import Stop
from provisioning.jit import SignedIn
from provisioning.models import LoginAttempt, Purpose


def accepted(row: LoginAttempt, subject: str, done: SignedIn) -> None:
    _record(
        row,
        "login.accept",
        subject,
        subject_type="user",
        subject_id=done.user_id,
        subject_name=done.name,
        made=done.created,
    )


@contextmanager
def recording(row: LoginAttempt, subject: str = "") -> Iterator[None]:
    """Writes down why a login that was answered is refused."""
    try:
        yield
    except Stop as stop:
        if row.purpose == Purpose.LOGIN:
            _record(
                row,
                "login.refuse",
                subject,
                subject_type="login",
                subject_name=subject,
                reason=str(stop),
                status=stop.status,
            )
        raise


def _record(
    row: LoginAttempt,
    action: str,
    subject: str,
    *,
    subject_type: str,
    subject_name: str,
    subject_id: object = "",
    **detail: object,
) -> None:
    audit.record(
        tenant=row.tenant,
        actor=row.provider.name,
        action=action,
        door=Door.JIT,
        service_provider=str(row.service_provider),
        subject_type=subject_type,
        subject_id=subject_id,
        subject_name=subject_name,
        detail={"identity_provider": row.provider.name, "subject": subject, **detail},
    )
