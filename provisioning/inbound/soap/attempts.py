"""Guessing the passwords of users through `authenticate` ends as at any other door."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from idp.models import key_of
from provisioning.inbound import lockout


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures per user of a tenant and address of the caller, kept with those of operators:
    five of them, and the pair is locked out for a quarter of an hour."""

    request: HttpRequest
    domain: str

    def is_locked(self, name: str) -> bool:
        return lockout.is_locked(lockout.failures(self.request, self._key(name)))

    def count(self, name: str, *, success: bool) -> None:
        if not success:
            lockout.count_failure(self.request, self._key(name))
        elif lockout.failures(self.request, self._key(name)):
            lockout.forget_failures(self.request, self._key(name))

    def _key(self, name: str) -> str:
        """No operator's name: those have no slash in front."""
        return f"/{self.domain}/{key_of(name)}"
