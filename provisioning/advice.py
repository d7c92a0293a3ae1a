"""What an operator can do about a failure, in plain words.

What a vendor's own errors mean is known to its connector (`Connector.known_causes`); what
our reason codes mean is known here. The first that fits is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors import KnownCause, registry

BY_CODE: Mapping[str, str] = {
    "gave_up": "The target did not answer properly for as long as the connector may try "
    "(retry hours). Test the connection; once it works, retry all of them.",
    "ambiguous": "More than one account there has this name. Remove the duplicate at the "
    "target, or link the right one by hand on the job's page, then retry.",
    "configuration": "The connector was asked for something it is not set up for. Mend the "
    "claim mapping or the connector's settings, then retry.",
    "mapping": "A claim mapping has no answer for this person. Mend the expression, or the "
    "person's attributes, then retry.",
    "name_taken": "The name is taken there by something that is not found under it, such as "
    "an alias or a deleted account. Free the name at the target, or link the account by hand.",
    "missing": "The target does not know what it was asked for. Retry: it is planned anew. If "
    "it fails again, unlink the account on its page, so that it is looked for by name.",
    "internal": "The connector broke in an unforeseen way; the log has where. Retrying is "
    "safe: the target is asked first what it has.",
    "sealed": "What the job carries was sealed with a key that is missing, or is damaged. "
    "Bring back the key (PURVEYOR_SECRET_KEYS), or change the person once: that is a new job.",
    "not_wanted": "It is not wanted any more, but an earlier request may have made an account. "
    "Look at the target; then skip it.",
    "rejected": "The target does not accept what was sent; its own words are in the reason. "
    "Mend the attribute it names (the person, or the claim mapping), then retry. If the target "
    "is wrong and was mended, retry all of them.",
}

OTHERWISE = "Open one of the jobs: its attempts show what was sent and what was answered."


OF_THE_TARGET = frozenset({"", "rejected", "configuration", "name_taken"})
"""Codes of failures that the target's own words say more about."""

_URL = re.compile(r"\S+://\S+")


def for_failure(connector_type: str, code: str, reason: str) -> str:
    said = _URL.sub("", reason)
    for cause in _causes(connector_type) if code in OF_THE_TARGET else ():
        if re.search(cause.pattern, said, re.IGNORECASE):
            return cause.advice
    return BY_CODE.get(code, OTHERWISE)


def _causes(connector_type: str) -> tuple[KnownCause, ...]:
    """None for a type that is not installed any more."""
    try:
        return registry.load(connector_type).known_causes
    except (LookupError, ImportError):
        return ()
