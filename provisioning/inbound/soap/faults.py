"""Why a request was not served: one exception, and what it is in each version of SOAP."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from provisioning import changes
from provisioning.changes import Refused, TargetRefused, outcome_header


class Code(Enum):
    """Fault codes by their names in SOAP 1.1 and SOAP 1.2."""

    CLIENT = ("Client", "Sender")
    SERVER = ("Server", "Receiver")
    VERSION_MISMATCH = ("VersionMismatch", "VersionMismatch")
    MUST_UNDERSTAND = ("MustUnderstand", "MustUnderstand")


class SoapFault(Exception):
    """Answers the request; the message becomes its reason.

    `status` is the HTTP status where that of the SOAP binding would say too little, and
    `counts_as` the one that our own metrics and logs go by. `told`: the operation itself
    failed, and the detail says so as the WSDL declares. `kind` is a word for programs.
    """

    def __init__(
        self,
        message: str,
        code: Code = Code.CLIENT,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        told: bool = False,
        kind: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.counts_as = status or (500 if code is Code.SERVER else 400)
        self.headers = dict(headers or {})
        self.told = told
        self.kind = kind


def wrong(parameter: str, why: str) -> SoapFault:
    """The value of a parameter cannot be."""
    return SoapFault(f"{parameter}: {why}", told=True, kind="InvalidValue")


def missing(parameter: str, why: str) -> SoapFault:
    """There is no such user or role."""
    return SoapFault(f"{parameter}: {why}", told=True, kind="NotFound")


def meaningless(operation: str, why: str) -> SoapFault:
    """An operation that has no answer here."""
    return SoapFault(f"{operation}: {why}", told=True, kind="NotSupported")


_FIELDS = {"displayName": "roleName", "password": "credential"}
_OURS = (changes.Busy, changes.TargetRefused, changes.VersionMoved)


def of_refused(refused: Refused, done: str = "") -> SoapFault:
    """The fault of a change that was not made. `done` is what had been made before it."""
    message = str(refused)
    for field, parameter in _FIELDS.items():
        message = message.replace(field, parameter)
    fault = SoapFault(
        f"{message}{done}",
        Code.SERVER if isinstance(refused, _OURS) else Code.CLIENT,
        told=True,
        kind=type(refused).__name__,
    )
    if isinstance(refused, changes.Busy):
        fault.status = fault.counts_as = 503
        fault.headers["Retry-After"] = str(refused.retry_after)
    if isinstance(refused, TargetRefused):
        fault.counts_as = 502
        fault.headers["Provisioning-Outcome"] = outcome_header(refused.outcomes)
    return fault
