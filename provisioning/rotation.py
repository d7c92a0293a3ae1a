"""Sealing and signing everything again with the first key, so that an old one may go."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

from idp import secrets
from idp.models import Authenticator, OutboundConnector
from provisioning.chain import sealing
from provisioning.models import (
    Job,
    LoginAttempt,
    PassingEntity,
    ProvisionedEntity,
    SignUp,
    Webhook,
)

BATCH = 500


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values; `place` begins the context they were sealed for."""

    model: type[models.Model]
    column: str
    place: str


COLUMNS = (
    SealedColumn(OutboundConnector, "sealed_settings", "connector"),
    SealedColumn(Authenticator, "sealed_settings", "authenticator"),
    SealedColumn(Job, "sealed_payload", "job"),
    SealedColumn(Job, "sealed_password", "job-password"),
    SealedColumn(ProvisionedEntity, "sealed_accepted", "accepted"),
    SealedColumn(PassingEntity, "sealed_state", "passing"),
    SealedColumn(Webhook, "sealed_secrets", "webhook"),
    SealedColumn(SignUp, "sealed_given", "signup"),
    SealedColumn(LoginAttempt, "sealed_kept", "login"),
)


@dataclass(slots=True)
class Tally:
    looked_at: int = 0
    sealed_again: int = 0
    unreadable: int = 0


def count() -> int:
    """How many sealed values there are."""
    return sum(
        sealed.model._default_manager.filter(**{f"{sealed.column}__isnull": False}).count()
        for sealed in COLUMNS
    )


def rotate() -> Iterator[Tally]:
    """Work through all sealed values; yields the tally after each batch.

    May be stopped at any time and run again: what is current already is not touched. A
    value that changes meanwhile is left to whoever changed it, who sealed it anew.
    """
    tally = Tally()
    for sealed in COLUMNS:
        for rows in _batches(sealed):
            for pk, value in rows:
                tally.looked_at += 1
                if not secrets.is_current(value):
                    _seal_again(sealed, pk, value, tally)
            yield tally
    tally.unreadable += sealing.sign_again()
    yield tally


def _seal_again(sealed: SealedColumn, pk: uuid.UUID, value: bytes, tally: Tally) -> None:
    context = f"{sealed.place}/{pk}"
    try:
        fresh = secrets.seal(secrets.unseal(value, context), context)
    except secrets.CannotOpen:
        tally.unreadable += 1
        return
    same = sealed.model._default_manager.filter(**{"pk": pk, sealed.column: bytes(value)})
    tally.sealed_again += same.update(**{sealed.column: fresh})


def _batches(sealed: SealedColumn) -> Iterator[list[tuple[uuid.UUID, bytes]]]:
    rows = sealed.model._default_manager.filter(**{f"{sealed.column}__isnull": False})
    rows = rows.order_by("pk")
    after: uuid.UUID | None = None
    while True:
        rest = rows.filter(pk__gt=after) if after else rows
        batch = list(rest.values_list("pk", sealed.column)[:BATCH])
        if not batch:
            return
        yield batch
        after = batch[-1][0]
