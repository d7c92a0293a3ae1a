"""What an identity provider says of somebody, and what becomes of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from idp.models import IdentityProvider, Tenant
from provisioning.changes import Result, TargetOutcome
from serviceproviders.models import ServiceProvider


class NotAdmitted(Exception):
    """The login is refused; a sentence, for the operator and for the person.

    `field` is what of the login is the reason.
    """

    def __init__(self, message: str, field: str = "subject") -> None:
        super().__init__(message)
        self.field = field


class NameIsTaken(NotAdmitted):
    """Who would be made has the name of somebody else."""


@dataclass(frozen=True, slots=True)
class Login:
    """A positive answer of an identity provider about somebody.

    `claims` are in its own dialect where it has one, in ours otherwise. `roles` None: it said
    nothing of roles; an empty list: none. `strict`: claims there are not, or that it may not
    decide, are refused instead of left out. `username` (without a store) and `password` are
    what the person has chosen for themselves, if they were asked.
    """

    provider: IdentityProvider
    service_provider: ServiceProvider
    subject: str
    claims: Mapping[str, Any]
    roles: Sequence[str] | None = None
    email_verified: bool = False
    actor: str = ""
    strict: bool = False
    username: str = ""
    password: str | None = field(default=None, repr=False)

    @property
    def tenant(self) -> Tenant:
        return self.provider.tenant


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom it became here, and how it went on to targets."""

    user_id: uuid.UUID
    name: str
    created: bool
    outcomes: Sequence[TargetOutcome] = ()

    @property
    def failed(self) -> Sequence[TargetOutcome]:
        """What decides a login: blocking targets that did not take it."""
        return [one for one in self.outcomes if one.result is Result.FAILED]
