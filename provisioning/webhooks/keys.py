"""Secrets of webhooks: `whsec_` and the base64 of 24 to 64 bytes."""

from __future__ import annotations

import base64
import binascii
import secrets

PREFIX = "whsec_"
FEWEST, MOST = 24, 64


class InvalidKey(ValueError):
    """The message says what a secret must look like."""


def new() -> str:
    """A random secret of 32 bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def check(text: str) -> bytes:
    """The bytes of the key. Raises `InvalidKey`.

    >>> len(check("whsec_" + "A" * 32))
    24
    """
    wrong = InvalidKey(
        f"must be {PREFIX} and the base64 of {FEWEST} to {MOST} random bytes, such as "
        f"`echo {PREFIX}$(openssl rand -base64 32)` makes"
    )
    if not text.startswith(PREFIX):
        raise wrong
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong from error
    if not FEWEST <= len(key) <= MOST:
        raise wrong
    return key
