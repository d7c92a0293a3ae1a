"""Webhooks: who waits for which events, and how what they get is signed.

CloudEvents 1.0 in structured or batched mode, signed by the Standard Webhooks scheme.
"""

from provisioning.webhooks.keys import InvalidKey, check, new
from provisioning.webhooks.signing import sign
from provisioning.webhooks.subscriptions import (
    disable,
    follow,
    remove,
    save,
    set_secret,
)

__all__ = [
    "InvalidKey",
    "check",
    "disable",
    "follow",
    "new",
    "remove",
    "save",
    "set_secret",
    "sign",
]
