"""The headers by which a receiver knows that a message is ours, and not an old one."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from provisioning.webhooks.keys import check


def sign(keys: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` and `webhook-signature` with one signature for each
    key: HMAC-SHA256 of id, seconds and body with dots between them, `v1`."""
    seconds = str(int(at.timestamp()))
    signed = f"{message_id}.{seconds}.".encode() + body
    digests = (hmac.new(check(key), signed, hashlib.sha256).digest() for key in keys)
    signatures = (f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(signatures),
    }
