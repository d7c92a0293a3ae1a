"""What the answers of Google's Directory API mean."""

from __future__ import annotations

import json

from connectors.answers import Asked, KnownAnswer, Means, common


def _said(reason: str, message: str = "no") -> str:
    return json.dumps({"error": {"message": message, "errors": [{"reason": reason}]}})


def _throttled(reason: str) -> KnownAnswer:
    return KnownAnswer(Asked.CREATE, Means.DISGUISED, 403, f"`{reason}`", _said(reason))


C, U = Asked.CREATE, Asked.UPDATE
_MAKING = _said("conditionNotMet", "User creation is not complete.")
_ELSEWHERE = _said("notFound", "Domain not found.")
_DAY = _said("dailyLimitExceeded")

ANSWERS = (
    *common(created=200, updated=200, deleted=204, taken=409, busy=Means.NOT_BEFORE),
    *map(_throttled, ("userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded")),
    KnownAnswer(C, Means.DISGUISED, 403, "`dailyLimitExceeded`: an hour", _DAY),
    KnownAnswer(U, Means.RETRY, 404, "of a user who was made a moment ago"),
    KnownAnswer(C, Means.RETRY, 409, "and nobody is shown under the address yet"),
    KnownAnswer(U, Means.RETRY, 412, "“creation is not complete”", _MAKING),
    KnownAnswer(C, Means.CONNECTOR_IS_WRONG, 404, "“Domain not found”", _ELSEWHERE),
    KnownAnswer(C, Means.JOB_IS_WRONG, 412, "`limitExceeded`", _said("limitExceeded")),
)
