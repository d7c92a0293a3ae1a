"""What can go wrong at the far end, named by what the engine does next.

ConnectorError
├── RetryLater           try again; `maybe_sent` says whether the request may have taken effect
│   └── NotBefore        … and not before `retry_after` seconds (429, 503 with Retry-After)
│       └── OutOfBudget  … because of what the operator allows: nothing was sent
├── JobIsWrong           this entity cannot be sent as it is: an operator must look
│   └── NotConfigured    … at the mapping or settings: nothing was sent
├── ConnectorIsWrong     credentials or settings: no other job would do better
├── RemoteMissing        the remote id is unknown there: create instead; a delete is done
├── RemoteExists         the name is taken there: look it up, then confirm or adopt
├── Ambiguous            a look-up found more than one
└── NeedsAllMembers      this target replaces whole groups: call again with everyone
    └── GroupStays       … for this group keeps its name and is not deleted: they leave it
"""

from __future__ import annotations


class ConnectorError(Exception):
    """The message is a sentence for an operator and holds no secret.

    `status` is the HTTP status answered, `code` the target's own short word for the
    error (SCIM `scimType`, OAuth `error`, …) where it gave one.
    """

    def __init__(self, message: str, *, status: int | None = None, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class RetryLater(ConnectorError):
    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        maybe_sent: bool = False,
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.maybe_sent = maybe_sent


class NotBefore(RetryLater):
    def __init__(
        self,
        message: str,
        *,
        retry_after: float,
        status: int | None = None,
        code: str = "",
        maybe_sent: bool = False,
    ) -> None:
        super().__init__(message, status=status, code=code, maybe_sent=maybe_sent)
        self.retry_after = retry_after


class OutOfBudget(NotBefore):
    """Raised by `Http` instead of sending a request; connectors let it pass."""


class JobIsWrong(ConnectorError):
    pass


class NotConfigured(JobIsWrong):
    pass


class ConnectorIsWrong(ConnectorError):
    pass


class RemoteMissing(ConnectorError):
    pass


class RemoteExists(ConnectorError):
    pass


class Ambiguous(ConnectorError):
    pass


class NeedsAllMembers(ConnectorError):
    pass


class GroupStays(NeedsAllMembers):
    pass


def in_doubt(error: ConnectorError) -> RetryLater:
    """The same, when what went before it may have taken effect: the target is looked at
    before anything is repeated."""
    if isinstance(error, NotBefore):
        return type(error)(
            str(error),
            retry_after=error.retry_after,
            status=error.status,
            code=error.code,
            maybe_sent=True,
        )
    return RetryLater(str(error), status=error.status, code=error.code, maybe_sent=True)
