"""The plug-in API for connectors: plain Python, no Django, no database, no retries.


What `__all__` names, here and in `connectors.testing`, is public: it is described in
docs/extend/connector-reference.md, and changes with a line in the changelog.
"""

from connectors.answers import Asked, KnownAnswer, Means
from connectors.asked_for import exactly
from connectors.base import Connector
from connectors.errors import (
    Ambiguous,
    ConnectorError,
    ConnectorIsWrong,
    GroupStays,
    JobIsWrong,
    NeedsAllMembers,
    NotBefore,
    NotConfigured,
    OutOfBudget,
    RemoteExists,
    RemoteMissing,
    RetryLater,
    in_doubt,
)
from connectors.http import Answer, Http
from connectors.oauth2 import TokenSource, basic, client_credentials
from connectors.patterns import Pattern, PatternRefused, in_domain, in_store
from connectors.status import error_for
from connectors.types import (
    ConfigField,
    Dialect,
    Entity,
    EntityType,
    Finding,
    Found,
    Kind,
    KnownCause,
    LocalName,
    Member,
    MemberChanges,
    PresetRow,
    Receipt,
    When,
)

__all__ = [
    "Ambiguous",
    "Answer",
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
    "GroupStays",
    "Http",
    "JobIsWrong",
    "Kind",
    "KnownAnswer",
    "KnownCause",
    "LocalName",
    "Means",
    "Member",
    "MemberChanges",
    "NeedsAllMembers",
    "NotBefore",
    "NotConfigured",
    "OutOfBudget",
    "Pattern",
    "PatternRefused",
    "PresetRow",
    "Receipt",
    "RemoteExists",
    "RemoteMissing",
    "RetryLater",
    "TokenSource",
    "When",
    "basic",
    "client_credentials",
    "error_for",
    "exactly",
    "in_domain",
    "in_doubt",
    "in_store",
]
