"""Somebody asks to be let in: checked as if it were done, kept sealed, and a mail queued."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from connectors import EntityType
from idp.models import PRIMARY, Tenant, key_of, new_id, split_name
from idp.queries import stores_of
from provisioning import courier, writes
from provisioning.changes import Action, Change, Door, InvalidValue, SaidGroup, UserData
from provisioning.models import SignUp
from provisioning.signup import limits, role
from serviceproviders.models import ServiceProvider

LIFE = timedelta(hours=24)
"""How long a link is good."""
ACTOR = "self sign-up"


class Unavailable(Exception):
    """Nobody can sign up here; a sentence."""


class TooMany(Exception):
    """Asked too often."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many sign-ups; try again later.")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class SelfSignUp:
    """What somebody gives. `document` is the canonical claim document; `email` the primary
    address in it. `address` is the network address the request came from."""

    tenant: Tenant
    service_provider: ServiceProvider
    username: str
    password: str = field(repr=False)
    email: str
    document: Mapping[str, Any]
    external_id: str = ""
    address: str = ""


def ask(wish: SelfSignUp) -> SignUp:
    """Keep it until it is confirmed, and send the link. Nobody is made yet.

    Raises `Refused` (`provisioning.changes`) for what could not be made, `TooMany`, and
    `Unavailable` where no mail can be sent.
    """
    if not settings.PURVEYOR_SENDS_EMAIL:
        raise Unavailable("Nobody can sign up: no mail server is configured (EMAIL_URL).")
    _check(wish)
    now = timezone.now()
    if wait := limits.exceeded(wish.tenant, wish.address, key_of(wish.email), now):
        raise TooMany(wait)
    token = secrets.token_urlsafe(32)
    row = SignUp(
        id=new_id(),
        tenant=wish.tenant,
        service_provider=wish.service_provider,
        user_id=new_id(),
        username=wish.username,
        email=wish.email,
        email_key=key_of(wish.email),
        address=wish.address,
        token_digest=digest(token),
        created=now,
        expires=now + LIFE,
    )
    row.given = {
        "password": wish.password,
        "document": dict(wish.document),
        "external_id": wish.external_id,
        "token": token,
    }
    with transaction.atomic():
        row.save(force_insert=True)
        courier.confirmation(row).save(force_insert=True)
    return row


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def change_of(row: SignUp) -> Change:
    """The change that it becomes."""
    given = row.given
    passes = row.service_provider.dumb_mode
    return Change(
        tenant=row.tenant,
        service_provider=row.service_provider,
        door=Door.SIGNUP,
        actor=ACTOR,
        action=Action.CREATE,
        entity_type=EntityType.USER,
        entity_id=row.user_id,
        user=UserData(
            name=row.username,
            document=given["document"],
            external_id=given["external_id"],
            password=given["password"],
            join=() if passes else (role.FULL_NAME,),
            groups=[SaidGroup(role.FULL_NAME)],
        ),
    )


def _check(wish: SelfSignUp) -> None:
    try:
        validate_email(wish.email)
    except ValidationError as error:
        raise InvalidValue(
            "emails: an e-mail address is needed, for the confirmation", field="emails"
        ) from error
    try:
        validate_password(wish.password)
    except ValidationError as error:
        raise InvalidValue(f"password: {' '.join(error.messages)}", field="password") from error
    _check_store(wish)
    role.ensure(wish.tenant, wish.service_provider, ACTOR)
    row = SignUp(
        tenant=wish.tenant,
        service_provider=wish.service_provider,
        user_id=new_id(),
        username=wish.username,
    )
    row.given = {"document": wish.document, "external_id": wish.external_id, "password": None}
    writes.check(change_of(row))


def _check_store(wish: SelfSignUp) -> None:
    """Nobody chooses a store: it is the service provider's, or PRIMARY."""
    domain, _ = split_name(wish.username, set(stores_of(wish.tenant)))
    own = wish.service_provider.user_store
    if domain != (own.domain if own else PRIMARY) and domain != PRIMARY:
        raise InvalidValue(
            f"userName: nobody can sign up into the user store {domain}", field="userName"
        )
