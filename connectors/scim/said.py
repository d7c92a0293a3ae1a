"""What a server says about an error, in whichever form it says so.

RFC 7644 §3.12 (`detail`, `scimType`), SCIM 1.1 §3.9 (`Errors`), and what is met besides:
`error` as a text or an object, `errors`, `message`, or plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.http import Answer

_LONGEST = 1000
_WORDS = ("detail", "description", "error_description", "message", "error")


def said(answer: Answer) -> tuple[str, str]:
    """Detail and code, "" for what it does not say."""
    document = _document(answer)
    if document is None:
        return ("" if "<" in answer.text else answer.text[:_LONGEST]), ""
    told = [_words(one) for one in _errors(document)] or [_words(document)]
    code = document.get("scimType") or _short(document)
    return "; ".join(filter(None, told))[:_LONGEST], str(code or "")


def status_of(answer: Answer) -> int:
    """The status, or the one that a body of `Errors` under a 2xx names: it is an error."""
    if not answer.ok:
        return answer.status
    errors = (_document(answer) or {}).get("Errors")
    if not isinstance(errors, list) or not errors:
        return answer.status
    code = str(errors[0].get("code", "")) if isinstance(errors[0], Mapping) else ""
    named = int(code) if len(code) == 3 and code.isascii() and code.isdecimal() else 0
    return named if 400 <= named < 600 else 500


def _document(answer: Answer) -> Mapping[str, Any] | None:
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, Mapping) else None


def _errors(document: Mapping[str, Any]) -> list[Any]:
    listed = document.get("Errors") or document.get("errors")
    return listed if isinstance(listed, list) else []


def _words(told: Any, *, deeper: bool = True) -> str:
    """The first text that is one, also one level below."""
    if not isinstance(told, Mapping):
        return told if isinstance(told, str) else ""
    for key in _WORDS:
        below = told.get(key)
        wanted = deeper or isinstance(below, str)
        if wanted and (words := _words(below, deeper=False)):
            return words
    return ""


def _short(document: Mapping[str, Any]) -> str:
    """OAuth's `error` beside its `error_description` (RFC 6749 §5.2)."""
    error = document.get("error")
    return error if isinstance(error, str) and "error_description" in document else ""
