"""Errors as problem documents (RFC 9457): what is wrong, and in which field."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response

from idp.claims import InvalidClaim
from provisioning import changes
from provisioning.changes import Refused
from provisioning.configuration import ConfigurationError
from provisioning.explain.asking import NotKnown
from provisioning.inbound.refusals import AuthRefused

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)

Error = tuple[str, str]
"""The field, in the notation of the configuration file (`connectors[0].type`), and why."""


class Problem(Exception):
    """Answers the request. `errors` name the fields that are wrong."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[Error] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.errors = status, errors
        self.headers = dict(headers or {})

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": str(self),
        }
        if self.errors:
            document["errors"] = [{"field": name, "detail": why} for name, why in self.errors]
        return document


def wrong(*errors: Error) -> Problem:
    """400: these fields cannot be so."""
    detail = "; ".join(f"{field}: {why}" if field else why for field, why in errors)
    return Problem(400, detail, errors=[error for error in errors if error[0]])


def missing(what: str) -> Problem:
    return Problem(404, f"There is no {what}.")


def answer(error: Exception, context: Mapping[str, Any]) -> Response:
    """The response to any exception of a view; nothing leaves the API as a page."""
    problem = _problem(error)
    response = Response(problem.document(), status=problem.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    for kind, make in _KINDS:
        if isinstance(error, kind):
            return make(error)
    log.error("api: a request failed", exc_info=error)
    return Problem(500, "Internal error; it was logged.")


def _busy(error: OperationalError) -> Problem:
    log.error("api: the database is not available", exc_info=error)
    return Problem(503, "The database is busy; try again.", headers={"Retry-After": "2"})


_STATUS: dict[type[Refused], int] = {
    changes.InvalidValue: 400,
    changes.NameTaken: 409,
    changes.NotFound: 404,
    changes.VersionMoved: 409,
    changes.Nowhere: 409,
    changes.Busy: 503,
    changes.TargetRefused: 502,
}
_FIELDS = {
    "userName": "username",
    "displayName": "name",
    "externalId": "external_id",
}
"""What the fields of a change are called here, by their names in SCIM."""


def of_refused(refused: Refused) -> Problem:
    status = _STATUS.get(type(refused), 400)
    field = _FIELDS.get(refused.field, refused.field)
    text = str(refused).removeprefix(refused.field).lstrip(": ") if refused.field else ""
    headers = {}
    if isinstance(refused, changes.Busy):
        headers["Retry-After"] = str(refused.retry_after)
    if isinstance(refused, changes.TargetRefused):
        headers["Provisioning-Outcome"] = changes.outcome_header(refused.outcomes)
    errors = [(field, text)] if field else []
    detail = f"{field}: {text}" if field else str(refused)
    return Problem(status, detail, errors=errors, headers=headers)


def split(text: str) -> Error:
    """`outbound[0].connector: is missing` in its two parts.

    >>> split("connectors[0].type: is missing")
    ('connectors[0].type', 'is missing')
    >>> split("something else changed")
    ('', 'something else changed')
    """
    field, colon, why = text.partition(": ")
    if not colon or " " in field:
        return "", text
    return field, why


def _fields(detail: Any, prefix: str = "") -> list[Error]:
    if isinstance(detail, Mapping):
        return [one for key, inner in detail.items() for one in _fields(inner, str(key))]
    if isinstance(detail, list):
        return [one for inner in detail for one in _fields(inner, prefix)]
    return [(prefix, str(detail))]


def _of_framework(error: APIException) -> Problem:
    headers: dict[str, str] = {}
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    return Problem(error.status_code, str(error.detail), headers=headers)


_KINDS: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (AuthRefused, lambda error: Problem(error.status, str(error), headers=error.headers)),
    (Refused, of_refused),
    (ConfigurationError, lambda error: wrong(*map(split, error.problems))),
    (InvalidClaim, lambda error: wrong(("claims", str(error)))),
    (NotKnown, lambda error: wrong((error.field, str(error)))),
    (Http404, lambda _: Problem(404, "There is nothing here.")),
    (PermissionDenied, lambda _: Problem(403, "You may not do this.")),
    (ValidationError, lambda error: wrong(*_fields(error.detail))),
    (APIException, _of_framework),
    (OperationalError, _busy),
)
"""What each exception is told as; the first that fits counts."""
