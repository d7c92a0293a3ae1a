"""Cursors (RFC 9865): signed, so that nobody can forge one, and bound to one question.

A cursor carries where the next page begins (after an id, or for sorted lists at an offset)
and the total found by the first page, so that a costly count is made once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core import signing

from provisioning.inbound.scim2.errors import ScimError

TIMEOUT = 3600
_SALT = "scim2.cursor"


@dataclass(frozen=True, slots=True)
class Position:
    after: str = ""
    offset: int = 0
    total: int = -1
    """-1: not known yet."""


def question_of(*parts: str) -> str:
    """A digest of what was asked: tenant, endpoint, filter, order."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def seal(position: Position, question: str) -> str:
    content = [position.after, position.offset, position.total, question]
    return signing.dumps(content, salt=_SALT)


def unseal(cursor: str, question: str) -> Position:
    """Raises `ScimError` (expiredCursor, invalidCursor)."""
    if not cursor:
        return Position()
    try:
        after, offset, total, asked = signing.loads(cursor, salt=_SALT, max_age=TIMEOUT)
    except signing.SignatureExpired as error:
        raise ScimError(400, "cursor: has expired; begin again.", "expiredCursor") from error
    except (signing.BadSignature, ValueError) as error:
        raise ScimError(400, "cursor: is not one of ours.", "invalidCursor") from error
    if asked != question:
        raise ScimError(400, "cursor: belongs to another question.", "invalidCursor")
    return Position(after, offset, total)
