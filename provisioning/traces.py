"""What requests without an answer may have left at a target: names and attributes.

A job carries its trace in its payload (`maybe_names`, `maybe_attributes`); a newer job
inherits it, so that a look-up asks for the names that were really used (an account found
under any other name is a stranger's), and the first update that is answered removes what
nobody wants any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioning.models import Job

NAMES, ATTRIBUTES = "maybe_names", "maybe_attributes"


@dataclass(frozen=True, slots=True)
class Trace:
    names: frozenset[str] = frozenset()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __or__(self, other: Trace) -> Trace:
        return Trace(self.names | other.names, union(self.attributes, other.attributes))

    def into(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The payload with this trace; unchanged when there is none."""
        traced = dict(payload)
        if self.names:
            traced[NAMES] = sorted(self.names)
        if self.attributes:
            traced[ATTRIBUTES] = dict(self.attributes)
        return traced


def carried(payload: Mapping[str, Any]) -> Trace:
    """The trace a payload carries: of its job and of those before it."""
    return Trace(frozenset(payload.get(NAMES, ())), payload.get(ATTRIBUTES, {}))


def of(job: Job) -> Trace:
    """What the job and those before it may have left; of one that no key opens, its name."""
    payload = job.known_payload
    if not payload and job.maybe_sent:
        return Trace(frozenset({job.remote_name}))
    return carried(payload)


def with_own(job: Job) -> dict[str, Any]:
    """The job's payload with the trace of its last attempt, whose effect is unknown."""
    payload = job.payload
    own = Trace(frozenset({job.remote_name}), payload.get("attributes", {}))
    return (carried(payload) | own).into(payload)


def union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Every path that either names.

    >>> union({"name": {"givenName": "Kim"}}, {"name": {"familyName": "Lee"}, "title": "Dr"})
    {'name': {'givenName': 'Kim', 'familyName': 'Lee'}, 'title': 'Dr'}
    """
    merged = dict(one)
    for key, value in other.items():
        held = merged.get(key)
        both = isinstance(held, Mapping) and isinstance(value, Mapping)
        merged[key] = union(held, value) if both else value  # type: ignore[arg-type]
    return merged
