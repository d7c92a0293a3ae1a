"""SCIM filters (RFC 7644 §3.4.2.2) with values that cannot break out of their quotes."""

from __future__ import annotations

import json


def equals(attribute: str, value: str) -> str:
    """`attribute eq "value"`, not yet percent-encoded.

    >>> equals("userName", 'kim "k" o')
    'userName eq "kim \\\\"k\\\\" o"'
    """
    return f"{attribute} eq {quoted(value)}"


def member_path(remote_id: str) -> str:
    """The path of one member of a group.

    >>> member_path("2819c223")
    'members[value eq "2819c223"]'
    """
    return f"members[{equals('value', remote_id)}]"


def quoted(value: str) -> str:
    """A JSON string, as the grammar of filters wants it; other alphabets stay readable."""
    return json.dumps(value, ensure_ascii=False)
