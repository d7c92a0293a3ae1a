"""What the refusals of SPML providers mean: first for the engine, then for an operator."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import (
    Ambiguous,
    ConnectorError,
    ConnectorIsWrong,
    JobIsWrong,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.types import KnownCause

ERRORS: Mapping[str, type[ConnectorError]] = {
    "alreadyExists": RemoteExists,
    "containerNotEmpty": JobIsWrong,
    "customError": JobIsWrong,
    "invalidContainment": ConnectorIsWrong,
    "invalidIdentifier": JobIsWrong,
    "malformedRequest": JobIsWrong,
    "noSuchIdentifier": RemoteMissing,
    "noSuchRequest": JobIsWrong,
    "resultSetToLarge": Ambiguous,
    "resultSetTooLarge": Ambiguous,
    "unsupportedExecutionMode": ConnectorIsWrong,
    "unsupportedIdentifierType": JobIsWrong,
    "unsupportedOperation": JobIsWrong,
    "unsupportedProfile": ConnectorIsWrong,
    "unsupportedSelectionType": JobIsWrong,
}
"""The `ErrorCode`s of the core schema, one of them in either spelling, of a response with
status *failure*.

`noSuchIdentifier` about something that is no object (a target, a container) is
ConnectorIsWrong; `customError`, or no code, whose words say that something exists is
RemoteExists. An unknown code is JobIsWrong."""

FAULTS: Mapping[str, type[ConnectorError]] = {
    "Client": JobIsWrong,
    "Client.Authentication": ConnectorIsWrong,
    "Client.Authorization": ConnectorIsWrong,
    "FailedAuthentication": ConnectorIsWrong,
    "FailedCheck": ConnectorIsWrong,
    "InvalidSecurity": ConnectorIsWrong,
    "InvalidSecurityToken": ConnectorIsWrong,
    "MustUnderstand": ConnectorIsWrong,
    "SecurityTokenUnavailable": ConnectorIsWrong,
    "Server": RetryLater,
    "UnsupportedAlgorithm": ConnectorIsWrong,
    "UnsupportedSecurityToken": ConnectorIsWrong,
    "VersionMismatch": ConnectorIsWrong,
}
"""Fault codes of SOAP 1.1 (§4.4.1) and WS-Security (§12); what is refined by a full stop
counts as what stands before it, unless it stands here. Others go by the HTTP status."""

CAUSES = (
    KnownCause(
        r"SPML has no attributes called",
        "The claim mapping gives names that SPML cannot carry. Choose the custom dialect and "
        "take the connector's preset mapping, or name the rows as the target's attributes are "
        "called; what waits is sent by itself then.",
    ),
    KnownCause(
        r"cannot be sent in XML",
        "A value holds a control character. Mend it at the person, then retry.",
    ),
    KnownCause(
        r"(?:suspend|resume)Request .*unsupportedOperation",
        "The target cannot disable accounts. Enable the person again, or delete them; then "
        "skip what is left.",
    ),
    KnownCause(
        r"setPasswordRequest .*unsupportedOperation",
        "The target sets no passwords. Switch off password provisioning, or name the attribute "
        "that carries the password of new people in the settings, then retry.",
    ),
    KnownCause(
        r"setPasswordRequest",
        "The target does not take this password: its rules for passwords are stricter than "
        "ours. Have the person choose another one, then skip this job.",
    ),
    KnownCause(
        r"\bunsupportedExecutionMode\b|works on it\b",
        "The target works asynchronously. Have it answer requests at once (synchronously).",
    ),
    KnownCause(
        r"\binvalidContainment\b",
        "New people cannot be put where the settings say. Mend the container's ID.",
    ),
    KnownCause(
        r"\bunsupportedProfile\b",
        "The target does not speak the DSML profile of SPML 2.0, which is all we speak.",
    ),
    KnownCause(
        r"cannot be searched",
        "The target has no search, so whether it has the account cannot be told. Look there, "
        "then link the account by hand, or retry.",
    ),
    KnownCause(
        r"Refused as members",
        "The target does not take some of the members. Look whether their accounts are still "
        "there (Provisioned entities); retry once they are.",
    ),
    KnownCause(
        r"\bcontainerNotEmpty\b",
        "Other objects lie below this one at the target. Move them there, then retry.",
    ),
    KnownCause(
        r"\bmalformedRequest\b|\bcustomError\b|fault Client",
        "The target does not take the request; its own words are in the reason. Often it wants "
        "an attribute that is not mapped, or does not know one that is: mend the claim mapping "
        "or the object class, then retry.",
    ),
    KnownCause(
        r"\bunsupportedOperation\b",
        "The target does not do this. Choose the delete action keep or disable if it deletes "
        "nobody; skip what is left.",
    ),
)
