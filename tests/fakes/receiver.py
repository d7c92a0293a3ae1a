"""A webhook receiver that believes only what is signed, as our guide tells people to write."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

from tests.fakes.server import FakeServer, Reply, Request

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
TOLERANCE = 300


class Receiver(FakeServer):
    """`events` are the CloudEvents it took, in the order of arrival, each id once."""

    def __init__(self, secret: str = SECRET) -> None:
        self.secret = secret
        self.events: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self._known: set[str] = set()
        super().__init__()

    def respond(self, request: Request) -> Reply:
        if not is_genuine(request, self.secret):
            self.refused.append(request.headers.get("webhook-id", ""))
            return Reply(401)
        told = request.json
        for event in told if isinstance(told, list) else [told]:
            if event["id"] not in self._known:
                self._known.add(event["id"])
                self.events.append(event)
        return Reply(204)

    def types(self) -> list[str]:
        return [event["type"].removeprefix("purveyor.") for event in self.events]


def is_genuine(request: Request, secret: str) -> bool:
    """By the Standard Webhooks scheme, written anew: nothing of ours checks itself."""
    headers = request.headers
    at = headers.get("webhook-timestamp", "")
    if not at.isdigit() or abs(time.time() - int(at)) > TOLERANCE:
        return False
    signed = f"{headers['webhook-id']}.{at}.".encode() + request.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [one.partition(",") for one in headers.get("webhook-signature", "").split()]
    return any(
        version == "v1" and hmac.compare_digest(signature, expected)
        for version, _, signature in given
    )
