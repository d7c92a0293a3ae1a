"""What a protocol is to the login framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from idp.models import IdentityProvider

Kept = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what the protocol wants to see again (JSON)."""

    url: str
    kept: Kept = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the identity provider said of somebody, checked. `claims` by its own names.

    `roles` None: nothing was said of them here; a role claim may still be among the claims.
    """

    subject: str
    claims: Mapping[str, Any]
    roles: Sequence[str] | None = None
    email_verified: bool = False


def _nowhere(provider: IdentityProvider, state: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Protocol:
    begin: Callable[[IdentityProvider, str], Begun]
    finish: Callable[[IdentityProvider, Kept, HttpRequest], Answer]
    leave: Callable[[IdentityProvider, str], str] = _nowhere
