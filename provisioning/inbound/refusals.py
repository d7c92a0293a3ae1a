"""Why a caller is not let in, and the status and headers that say so (RFC 7617, RFC 6750)."""

from __future__ import annotations

from idp.models import ROOT


class AuthRefused(Exception):
    """The caller is not let in. The message is a sentence for the caller."""

    status = 401

    def __init__(self, message: str, challenge: str) -> None:
        super().__init__(message)
        self.challenge = challenge

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": self.challenge}


class Unauthenticated(AuthRefused):
    """401: no credentials, or none that hold for this tenant."""

    def __init__(self, message: str, domain: str | None = None, *, token: bool = False) -> None:
        realm = _realm(domain)
        if token:
            challenge = f'Bearer realm="{realm}", error="invalid_token"'
        else:
            challenge = f'Basic realm="{realm}", charset="UTF-8", Bearer realm="{realm}"'
        super().__init__(message, challenge)


class InsufficientScope(AuthRefused):
    """403: the token is good, but was not issued for this."""

    status = 403

    def __init__(self, scope: str, domain: str | None = None) -> None:
        super().__init__(
            f"The access token lacks the scope {scope!r}.",
            f'Bearer realm="{_realm(domain)}", error="insufficient_scope", scope="{scope}"',
        )


class NotFromThere(AuthRefused):
    """403: good credentials, from an address that their client may not call from."""

    status = 403

    def __init__(self, address: str, domain: str | None = None) -> None:
        super().__init__(
            f"This client may not call from {address or 'an unknown address'}.",
            f'Bearer realm="{_realm(domain)}"',
        )


class TooManyRequests(AuthRefused):
    """429: more than the client may ask for in a minute (RFC 6585 §4)."""

    status = 429

    def __init__(self, most: int, retry_after: int) -> None:
        super().__init__(f"This client may make {most} requests a minute.", "")
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class NotPermitted(AuthRefused):
    """403: an operator without the permission to use the provisioning doors."""

    status = 403

    def __init__(self, message: str, domain: str | None = None) -> None:
        super().__init__(message, f'Basic realm="{_realm(domain)}", charset="UTF-8"')


def _realm(domain: str | None) -> str:
    """The tenant, made fit for a quoted string in a header."""
    name = domain or ROOT
    return "".join(c for c in name if c.isascii() and (c.isalnum() or c in ".-_"))[:190]
