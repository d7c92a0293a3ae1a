"""Takes secrets out of what is shown to operators: recorded requests, answers, errors."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlencode
from xml.sax.saxutils import escape

MASK = "***"
SHOWN = 4000
"""Characters kept of a recorded body."""
_PARSED = 256_000
_HEADERS_KEPT = 200
_SENSITIVE_WORDS = (
    r"(?:pass(?:word|wd|phrase)|secret|token|private[_-]?key|api[_-]?key|assertion"
    r"|credential|authorization)"
)
_SENSITIVE = re.compile(_SENSITIVE_WORDS, re.IGNORECASE)
_HINTS = (
    "pass",
    "secret",
    "token",
    "private",
    "api",
    "assertion",
    "credential",
    "authorization",
)
"""Without any of these, folded, there is no sensitive word: asking so takes a microsecond."""
_SENSITIVE_HEADER = re.compile(
    rf"{_SENSITIVE_WORDS}|authori[sz]ation|cookie|api.?key|signature|x-auth", re.IGNORECASE
)
_JSON_TEXT = re.compile(
    rf'("[^"]*{_SENSITIVE_WORDS}[^"]*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[\d.eE+-]+)', re.IGNORECASE
)
_XML_TEXT = re.compile(
    rf"(<(?P<name>[\w:.-]*{_SENSITIVE_WORDS}[\w.-]*)(?:\s[^>]*)?>)[^<]*(?=</)", re.IGNORECASE
)


class Redactor:
    """Masks what is secret by name, and every value it was told to hide wherever it stands."""

    def __init__(self) -> None:
        self._lasting: dict[str, frozenset[str]] = {}
        self._passing: dict[str, frozenset[str]] = {}
        self._longest_first: list[str] | None = None
        self._headers_shown: dict[tuple[str, str], str] = {}

    def hide(self, value: str, *, for_this_job: bool = False) -> None:
        """Mask `value` from now on, also percent-encoded, as base64, or escaped."""
        values = self._passing if for_this_job else self._lasting
        if value and value not in values:
            values[value] = frozenset(_forms(value))
            self._hidden_changed()

    def forget_job(self) -> None:
        if self._passing:
            self._passing.clear()
            self._hidden_changed()

    def _hidden_changed(self) -> None:
        self._longest_first = None
        self._headers_shown.clear()

    def text(self, text: str) -> str:
        """`text` without the hidden values."""
        if self._longest_first is None:
            known = (*self._lasting.values(), *self._passing.values())
            forms = frozenset().union(*known)
            self._longest_first = sorted(forms, key=lambda form: (-len(form), form))
        text = _storable(text)
        # Not one pattern for all: compiling it for each new password takes longer than this.
        for form in self._longest_first:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: self._header(name, str(value)) for name, value in headers.items()}

    def _header(self, name: str, value: str) -> str:
        """Most are those of the request before."""
        shown = self._headers_shown.get((name, value))
        if shown is None:
            if len(self._headers_shown) >= _HEADERS_KEPT:
                self._headers_shown.clear()
            shown = MASK if _SENSITIVE_HEADER.search(name) else self.text(value)
            self._headers_shown[name, value] = shown
        return shown

    def url(self, url: str) -> str:
        address, mark, query = url.partition("?")
        if _SENSITIVE.search(query):
            query = self._query(query)
        return self.text(address + mark + query)

    def body(self, body: bytes, content_type: str = "") -> str:
        """A body as it may be shown: JSON, form, XML or plain text, cut to `SHOWN`."""
        if not body:
            return ""
        text = body[:_PARSED].decode("utf-8", "replace")
        if "x-www-form-urlencoded" in content_type:
            text = self._query(text)
        elif text.lstrip()[:1] in ("{", "["):
            text = self._json(text, whole=len(body) <= _PARSED)
        else:
            text = _XML_TEXT.sub(rf"\1{MASK}", text)
        text = self.text(text)
        return text if len(text) <= SHOWN else text[:SHOWN] + " …"

    def _json(self, text: str, *, whole: bool) -> str:
        if "\\" not in text and not _names_a_secret(text):
            return text
        try:
            if whole:
                return json.dumps(masked(json.loads(text)), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass  # not JSON after all: what looks like a secret in the text is masked below
        return _JSON_TEXT.sub(rf'\1"{MASK}"', text)

    def _query(self, query: str) -> str:
        pairs = parse_qsl(query, keep_blank_values=True)
        shown = [(key, MASK if _SENSITIVE.search(key) else value) for key, value in pairs]
        return urlencode(shown, safe="*")


def _names_a_secret(text: str) -> bool:
    folded = text.casefold()
    return any(hint in folded for hint in _HINTS) and bool(_SENSITIVE.search(text))


def _storable(text: str) -> str:
    """Without what databases refuse: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def masked(value: Any) -> Any:
    """A JSON value in which everything that is secret by its name is hidden."""
    if isinstance(value, list):
        return [masked(item) for item in value]
    if not isinstance(value, dict):
        return value
    # A SCIM PATCH operation names its attribute in `path`, a DSML or name-value pair in `name`.
    named = any(_SENSITIVE.search(str(value.get(key, ""))) for key in ("path", "name"))
    return {
        key: MASK if _SENSITIVE.search(key) or (named and key == "value") else masked(item)
        for key, item in value.items()
    }


def _forms(value: str) -> Iterable[str]:
    """The ways a value may be written on the wire."""
    value = _storable(value)
    yield value
    for encoded in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match.group().lower(), encoded)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield json.dumps(value)[1:-1].replace("/", "\\/")
    yield escape(value)
    yield escape(value, {'"': "&quot;", "'": "&apos;"})
    yield from _base64_forms(value.encode())


def _base64_forms(value: bytes) -> Iterable[str]:
    """What base64 makes of the value at each of the three alignments (`user:value`)."""
    if len(value) < 4:
        return
    for lead in range(3):
        whole = base64.b64encode(b"\0" * lead + value).decode()
        first = (0, 2, 3)[lead]
        last = len(whole) - (0, 3, 2)[(lead + len(value)) % 3]
        for form in (whole[first:last], whole[first:last].replace("+", "-").replace("/", "_")):
            if len(form) >= 4:
                yield form
