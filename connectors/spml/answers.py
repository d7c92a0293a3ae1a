"""What the answers of SPML 2.0 providers mean: their own words count, whatever the status."""

from __future__ import annotations

from connectors.answers import Asked, KnownAnswer, Means

C, U, D, F = Asked
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SPML = "urn:oasis:names:tc:SPML:2:0"
_TOO_MANY = f'<searchResponse xmlns="{_SPML}" status="failure" error="resultSetToLarge"/>'


def _envelope(said: str) -> str:
    return f'<e:Envelope xmlns:e="{_SOAP}"><e:Body>{said}</e:Body></e:Envelope>'


def _said(means: Means, state: str, error: str = "", message: str = "") -> KnownAnswer:
    """An answer to an `addRequest`."""
    code = f' error="{error}"' if error else ""
    told = f"<errorMessage>{message}</errorMessage>" if message else ""
    body = f'<addResponse xmlns="{_SPML}" status="{state}"{code}>{told}</addResponse>'
    says = f"`{error or state}`" + (f" “{message}”" if message else "")
    return KnownAnswer(C, means, 200, says, _envelope(body))


def _fault(means: Means, code: str) -> KnownAnswer:
    said = f"<e:Fault><faultcode>e:{code}</faultcode><faultstring>no</faultstring></e:Fault>"
    return KnownAnswer(C, means, 500, f"fault `{code}`", _envelope(said))


ANSWERS = (
    KnownAnswer(C, Means.DONE, 200, "`success`", own="done"),
    KnownAnswer(U, Means.DONE, 200, "`success`", own="done"),
    KnownAnswer(D, Means.DONE, 200, "`success`", own="done"),
    KnownAnswer(D, Means.DONE, 200, "`noSuchIdentifier`", own="gone"),
    KnownAnswer(C, Means.ADOPT, 200, "`alreadyExists`", own="taken"),
    _said(Means.ADOPT, "failure", "customError", "The user already exists"),
    _said(Means.CONFIRM, "pending"),
    _fault(Means.CONFIRM, "Server"),
    KnownAnswer(C, Means.CONFIRM, 0),
    KnownAnswer(C, Means.CONFIRM, 502),
    KnownAnswer(U, Means.CREATE_INSTEAD, 200, "`noSuchIdentifier`", own="gone"),
    KnownAnswer(U, Means.RETRY, 0),
    KnownAnswer(U, Means.RETRY, 504),
    KnownAnswer(C, Means.NOT_BEFORE, 429, "with `Retry-After`", headers={"Retry-After": "120"}),
    KnownAnswer(C, Means.NOT_BEFORE, 503, "with `Retry-After`", headers={"Retry-After": "120"}),
    KnownAnswer(C, Means.DISGUISED, 500, "“rate limit”", "Rate limit exceeded"),
    _said(Means.JOB_IS_WRONG, "failure", "malformedRequest"),
    _said(Means.JOB_IS_WRONG, "failure", "unsupportedOperation"),
    _fault(Means.JOB_IS_WRONG, "Client"),
    _said(Means.CONNECTOR_IS_WRONG, "failure", "invalidContainment"),
    _fault(Means.CONNECTOR_IS_WRONG, "Client.Authentication"),
    KnownAnswer(C, Means.CONNECTOR_IS_WRONG, 401),
    KnownAnswer(C, Means.CONNECTOR_IS_WRONG, 404),
    KnownAnswer(F, Means.AMBIGUOUS, 200, "`resultSetToLarge`", _envelope(_TOO_MANY)),
)
