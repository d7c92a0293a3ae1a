"""Credentials that were verified a moment ago.

A password hash costs half a second on purpose; a door is called many times a second by the
same script. What is kept is a keyed digest of (stored hash, presented password), so neither
can be read from memory dumps of the table, and a new password makes another digest. Whether
the account may still enter is not kept here: the row is read on every call.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password

SECONDS = 60.0
ENTRIES = 4096
_STRIPES = 64


class VerifiedCredentials:
    """A bounded set of digests with an age, safe for threads.

    The same credentials arriving on many threads at once are hashed once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._verified: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()
        self._stripes = tuple(threading.Lock() for _ in range(_STRIPES))

    def check(self, password: str, stored: str) -> bool:
        """Whether the password is the one that was hashed."""
        digest = _digest(password, stored)
        if self._knows(digest):
            return True
        with self._stripes[digest[0] % _STRIPES]:
            if self._knows(digest):
                return True
            if not check_password(password, stored):
                return False
            self._remember(digest)
        return True

    def forget(self) -> None:
        with self._lock:
            self._verified.clear()

    def _knows(self, digest: bytes) -> bool:
        with self._lock:
            until = self._verified.get(digest)
            if until is None:
                return False
            if until <= self._clock():
                del self._verified[digest]
                return False
            return True

    def _remember(self, digest: bytes) -> None:
        with self._lock:
            self._verified[digest] = self._clock() + SECONDS
            while len(self._verified) > ENTRIES:
                self._verified.popitem(last=False)


def _digest(password: str, stored: str) -> bytes:
    message = len(stored).to_bytes(4, "big") + stored.encode() + password.encode()
    return hmac.digest(
        settings.SECRET_KEY.encode(), b"verified credentials" + message, "sha256"
    )


def burn(password: str) -> None:
    """Take as long as a check, so that an unknown name answers no sooner than a known one."""
    make_password(password)


credentials = VerifiedCredentials()
