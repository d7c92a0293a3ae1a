"""Secrets at rest: AES-256-GCM with a key ring.

A sealed value is `key id (4) · nonce (12) · ciphertext and tag`. Its *context* (model,
key and field) is authenticated with it, so a value copied into another row does not open.
The first key of `PURVEYOR_SECRET_KEYS` seals, every key opens.

What may be read and must not be changed is signed instead: `key id (4) · HMAC-SHA256`, with
a key derived from the same one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_ID, _NONCE = 4, 12


class CannotOpen(Exception):
    """The value was sealed with a key that is not in the ring, or for another place."""


@lru_cache(maxsize=8)
def _raw(keys: tuple[str, ...]) -> dict[bytes, bytes]:
    ring: dict[bytes, bytes] = {}
    for text in keys:
        try:
            raw = base64.urlsafe_b64decode(text)
        except (binascii.Error, ValueError) as error:
            raise ImproperlyConfigured("PURVEYOR_SECRET_KEYS: not url-safe base64") from error
        if len(raw) != 32:
            raise ImproperlyConfigured("PURVEYOR_SECRET_KEYS: every key must be 32 bytes")
        ring[hashlib.sha256(raw).digest()[:_ID]] = raw
    if not ring:
        raise ImproperlyConfigured("PURVEYOR_SECRET_KEYS: no key")
    return ring


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> dict[bytes, AESGCM]:
    return {key_id: AESGCM(raw) for key_id, raw in _raw(keys).items()}


def _texts() -> tuple[str, ...]:
    keys: Sequence[str] = settings.PURVEYOR_SECRET_KEYS
    return tuple(keys)


def _keys() -> dict[bytes, AESGCM]:
    return _ring(_texts())


def seal(value: Any, context: str) -> bytes:
    """Encrypt a JSON value for one place."""
    key_id, cipher = next(iter(_keys().items()))
    nonce = os.urandom(_NONCE)
    return key_id + nonce + cipher.encrypt(nonce, orjson.dumps(value), context.encode())


def unseal(sealed: bytes | memoryview, context: str) -> Any:
    """The value again. Raises `CannotOpen`; never answers something half-right."""
    data = bytes(sealed)
    cipher = _keys().get(data[:_ID])
    if cipher is None:
        raise CannotOpen(f"{context}: sealed with a key that is not in PURVEYOR_SECRET_KEYS")
    try:
        clear = cipher.decrypt(data[_ID : _ID + _NONCE], data[_ID + _NONCE :], context.encode())
    except InvalidTag as error:
        raise CannotOpen(f"{context}: damaged, or sealed for another place") from error
    return orjson.loads(clear)


def has_key_of(sealed: bytes | memoryview) -> bool:
    """Whether the key it was sealed with is in the ring; opening it may still fail."""
    return bytes(sealed[:_ID]) in _keys()


def is_current(sealed: bytes | memoryview) -> bool:
    """Whether the value was sealed with the first key of the ring."""
    return bytes(sealed[:_ID]) == next(iter(_keys()))


def sign(message: bytes, context: str) -> bytes:
    """A signature of a message for one place, with the first key of the ring."""
    key_id, raw = next(iter(_raw(_texts()).items()))
    return key_id + _mac(raw, message, context)


def is_signed(message: bytes, context: str, signature: bytes | memoryview) -> bool:
    """Raises `CannotOpen` when it was signed with a key that is not in the ring."""
    given = bytes(signature)
    raw = _raw(_texts()).get(given[:_ID])
    if raw is None:
        raise CannotOpen(f"{context}: signed with a key that is not in PURVEYOR_SECRET_KEYS")
    return hmac.compare_digest(given[_ID:], _mac(raw, message, context))


def _mac(raw: bytes, message: bytes, context: str) -> bytes:
    # A key of its own for signing: what encrypts is used for nothing else.
    key = hmac.digest(raw, b"purveyor signature", "sha256")
    place = context.encode()
    return hmac.digest(key, b"%d:%b%b" % (len(place), place, message), "sha256")
