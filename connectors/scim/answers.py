"""What the answers of SCIM servers mean, of either version."""

from __future__ import annotations

import json
from typing import Any

from connectors.answers import Asked, KnownAnswer, Means, common

C, F = Asked.CREATE, Asked.FIND


def _said(means: Means, status: int, says: str, **body: Any) -> KnownAnswer:
    return KnownAnswer(C, means, status, says, json.dumps(body))


_TWO = json.dumps(
    {"totalResults": 2, "Resources": [{"id": n, "userName": "{name}"} for n in ("1", "2")]}
)

ANSWERS = (
    *common(created=201, updated=200, deleted=204, taken=409),
    _said(Means.ADOPT, 400, "`uniqueness`", scimType="uniqueness", detail="no"),
    _said(Means.ADOPT, 500, "“already exists”", detail="The user already exists"),
    _said(Means.ADOPT, 200, "with `Errors` of code 409", Errors=[{"code": "409"}]),
    _said(Means.DISGUISED, 403, "“rate limit”", detail="API rate limit exceeded"),
    _said(Means.DISGUISED, 500, "“rate limit”", detail="Rate limit exceeded"),
    _said(Means.JOB_IS_WRONG, 400, "`invalidValue`", scimType="invalidValue", detail="no"),
    KnownAnswer(F, Means.AMBIGUOUS, 200, "with two users of the name", _TWO),
)
