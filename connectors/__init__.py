"""The plug-in API for connectors: plain Python, no Django, no database, no retries."""

from connectors.answers import Asked, KnownAnswer, Means
from connectors.base import Connector
from connectors.errors import (
    Ambiguous,
    ConnectorError,
    ConnectorIsWrong,
    JobIsWrong,
    NeedsAllMembers,
    NotBefore,
    NotConfigured,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.types import (
    ConfigField,
    Dialect,
    Entity,
    EntityType,
    Finding,
    Found,
    KnownCause,
    LocalName,
    Member,
    MemberChanges,
    PresetRow,
    Receipt,
)

__all__ = [
    "Ambiguous",
    "Asked",
    "ConfigField",
    "Connector",
    "ConnectorError",
    "ConnectorIsWrong",
    "Dialect",
    "Entity",
    "EntityType",
    "Finding",
    "Found",
    "JobIsWrong",
    "KnownAnswer",
    "KnownCause",
    "LocalName",
    "Means",
    "Member",
    "MemberChanges",
    "NeedsAllMembers",
    "NotBefore",
    "NotConfigured",
    "PresetRow",
    "Receipt",
    "RemoteExists",
    "RemoteMissing",
    "RetryLater",
]
