from __future__ import annotations

from dataclasses import dataclass

from provisioning.rules.names import MISSING_ATTRIBUTE, PROCESSING_ERROR, SYNTAX_ERROR


class Refused(Exception):
    """A document that is not taken; the text tells the line, where known, and the reason."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line
        self.reason = message


class PolicyRefused(Refused):
    """Raised when a policy is loaded."""


class RequestRefused(Refused):
    """Raised when a request is read."""


@dataclass(frozen=True, slots=True)
class MissingAttribute:
    """What would have had to be in the request (5.58)."""

    category: str
    attribute_id: str
    data_type: str
    issuer: str | None = None


class Indeterminate(Exception):
    """An expression that has no value (7.4), and why."""

    def __init__(
        self,
        message: str,
        code: str = PROCESSING_ERROR,
        missing: MissingAttribute | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.missing = missing

    @classmethod
    def absent(cls, message: str, missing: MissingAttribute | None = None) -> Indeterminate:
        return cls(message, MISSING_ATTRIBUTE, missing)

    @classmethod
    def unreadable(cls, message: str) -> Indeterminate:
        return cls(message, SYNTAX_ERROR)


class Exhausted(Exception):
    """The decision would take more work than one may cost: all of it ends Indeterminate."""


class Unreadable(ValueError):
    """A text that is no value of its data type."""
