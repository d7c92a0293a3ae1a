"""A service account's key: JSON file, PEM or PKCS12, as it was uploaded or pasted."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from connectors.errors import ConnectorIsWrong

_UNREADABLE = (
    "The private key cannot be read: it must be the JSON key file, PEM, or PKCS12 (.p12) in "
    "base64, with its password if it has one"
)


@dataclass(frozen=True, slots=True)
class Key:
    """An RSA key as PEM, with what the file says besides."""

    pem: str = field(repr=False)
    key_id: str = ""
    client_email: str = ""


def read(text: str, password: str) -> Key:
    """Raises ConnectorIsWrong in words that do not quote the key."""
    text = text.strip()
    if text.startswith("{"):
        return _from_json(text)
    if text.startswith("-----BEGIN"):
        return Key(_pem(text.encode(), password))
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConnectorIsWrong(_UNREADABLE) from error
    if raw.lstrip()[:1] == b"{" or raw.startswith(b"-----BEGIN"):
        return read(raw.decode("utf-8", "replace"), password)
    return Key(_from_pkcs12(raw, password))


def _from_json(text: str) -> Key:
    try:
        said = json.loads(text)
        pem = str(said["private_key"])
    except (ValueError, KeyError, TypeError) as error:
        raise ConnectorIsWrong(
            "The JSON key file has no private_key: download the key of a service account"
        ) from error
    return Key(
        _pem(pem.encode(), ""),
        str(said.get("private_key_id") or ""),
        str(said.get("client_email") or ""),
    )


def _pem(text: bytes, password: str) -> str:
    for attempt in (None, password.encode() or None):
        try:
            key = serialization.load_pem_private_key(text, attempt)
        except (ValueError, TypeError):
            continue
        return _written(key)
    raise ConnectorIsWrong(_UNREADABLE)


def _from_pkcs12(raw: bytes, password: str) -> str:
    try:
        key, _, _ = pkcs12.load_key_and_certificates(raw, password.encode() or None)
    except (ValueError, TypeError) as error:
        raise ConnectorIsWrong(_UNREADABLE) from error
    if key is None:
        raise ConnectorIsWrong("The PKCS12 file holds no private key")
    return _written(key)


def _written(key: Any) -> str:
    raw: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return raw.decode()
