"""What the answers of Salesforce's REST API mean."""

from __future__ import annotations

import json

from connectors.answers import Asked, KnownAnswer, Means, common

C, U, F = Asked.CREATE, Asked.UPDATE, Asked.FIND


def _coded(asked: Asked, means: Means, status: int, code: str) -> KnownAnswer:
    body = json.dumps([{"errorCode": code, "message": "no"}])
    return KnownAnswer(asked, means, status, f"`{code}`", body)


_IDS = ("005000000000001AAA", "005000000000002AAA")
_TWO = json.dumps(
    {"records": [{"Id": one, "Username": "{name}", "IsActive": True} for one in _IDS]}
)

ANSWERS = (
    *common(created=201, updated=204, deleted=204, taken=400, says="`DUPLICATE_USERNAME`"),
    _coded(C, Means.DISGUISED, 403, "REQUEST_LIMIT_EXCEEDED"),
    _coded(C, Means.RETRY, 400, "UNABLE_TO_LOCK_ROW"),
    _coded(C, Means.RETRY, 503, "SERVER_UNAVAILABLE"),
    _coded(U, Means.CREATE_INSTEAD, 404, "ENTITY_IS_DELETED"),
    _coded(C, Means.JOB_IS_WRONG, 400, "LICENSE_LIMIT_EXCEEDED"),
    _coded(C, Means.JOB_IS_WRONG, 400, "REQUIRED_FIELD_MISSING"),
    _coded(C, Means.CONNECTOR_IS_WRONG, 403, "API_DISABLED_FOR_ORG"),
    _coded(C, Means.CONNECTOR_IS_WRONG, 400, "INSUFFICIENT_ACCESS_OR_READONLY"),
    KnownAnswer(F, Means.AMBIGUOUS, 200, "with two users of the name", _TWO),
)
