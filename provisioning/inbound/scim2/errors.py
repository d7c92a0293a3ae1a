"""SCIM errors (RFC 7644 §3.12): status, `scimType` and a detail that names the attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provisioning import changes
from provisioning.changes import Refused, TargetOutcome, TargetRefused

ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimError(Exception):
    """Answers the request; the message becomes the detail."""

    def __init__(
        self,
        status: int,
        detail: str,
        scim_type: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.scim_type = scim_type
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        body = {"schemas": [ERROR_SCHEMA], "status": str(self.status), "detail": str(self)}
        if self.scim_type:
            body["scimType"] = self.scim_type
        return body


def invalid_value(attribute: str, why: str) -> ScimError:
    return ScimError(400, f"{attribute}: {why}", "invalidValue")


def invalid_syntax(why: str) -> ScimError:
    return ScimError(400, why, "invalidSyntax")


def invalid_path(path: str, why: str) -> ScimError:
    return ScimError(400, f"path {path[:200]!r}: {why}", "invalidPath")


def invalid_filter(why: str) -> ScimError:
    return ScimError(400, f"filter: {why}", "invalidFilter")


def read_only(attribute: str) -> ScimError:
    return ScimError(400, f"{attribute} cannot be changed by a client.", "mutability")


def not_found(what: str) -> ScimError:
    return ScimError(404, f"{what} was not found.")


_STATUS: dict[type[Refused], tuple[int, str]] = {
    changes.InvalidValue: (400, "invalidValue"),
    changes.NameTaken: (409, "uniqueness"),
    changes.NotFound: (404, ""),
    changes.VersionMoved: (412, ""),
    changes.Nowhere: (403, ""),
    changes.Busy: (503, ""),
    changes.TargetRefused: (502, ""),
}


def of_refused(refused: Refused, attributes: Mapping[str, str]) -> ScimError:
    """The SCIM error of a change that was not made; `attributes` names fields as SCIM does."""
    status, scim_type = _STATUS.get(type(refused), (400, "invalidValue"))
    detail = str(refused)
    attribute = attributes.get(refused.field, refused.field)
    if attribute and attribute not in detail:
        detail = f"{attribute}: {detail}"
    error = ScimError(status, detail, scim_type)
    if isinstance(refused, changes.Busy):
        error.headers["Retry-After"] = str(refused.retry_after)
    if isinstance(refused, TargetRefused):
        error.headers.update(outcome_headers(refused.outcomes))
    return error


def outcome_headers(outcomes: Sequence[TargetOutcome]) -> dict[str, str]:
    if not outcomes:
        return {}
    return {"Provisioning-Outcome": changes.outcome_header(outcomes)}
