"""One value of a setting, checked by the kind of its field.

What is refused is a `ValidationError` whose message names the field and quotes no secret.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Container
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from connectors import ConfigField, declared
from connectors.patterns import Pattern, PatternRefused

_BOOLEANS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}


class AnyClaim:
    """Every name, where nobody can say which there are."""

    def __contains__(self, name: object) -> bool:
        return True


class Encoded(str):
    """A file that is no text, in base64: only a field that is a file takes it."""

    __slots__ = ()


def checked(field: ConfigField, value: Any, claims: Callable[[], Container[str]]) -> Any:
    """The value as it is stored. Whether an empty one will do is not asked here."""
    if field.kind == "boolean":
        return _boolean(field, value)
    if field.kind == "list":
        return _list(field, value)
    text = _text(field, value)
    if not text and field.kind != "pattern":
        return text
    if field.kind == "claim" and text not in claims():
        raise ValidationError(
            f"{field.label}: there is no claim “{text[:100]}” here, by its URI or by its "
            "remote name in the claim mapping."
        )
    return _CHECKS.get(field.kind, _as_it_is)(field, text)


def from_upload(content: bytes) -> str:
    """A file as a setting holds it: text as it is, anything else in base64."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    return Encoded(base64.b64encode(content).decode()) if "\0" in text else text


def _text(field: ConfigField, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValidationError(f"{field.label} must be a text.")
    if isinstance(value, Encoded) and field.kind != "file":
        raise ValidationError(f"{field.label} must be a text in UTF-8.")
    text = str(value) if field.secret else str(value).strip()
    if text and field.kind not in ("choice", "pattern") and not declared.fits(field, text):
        quoted = "what was given" if field.secret else f"“{text[:100]}”"
        raise ValidationError(f"{field.label} cannot be {quoted}. {field.help}".strip())
    return text  # blanks around a secret may belong to it


def _as_it_is(field: ConfigField, text: str) -> str:
    return text


def _boolean(field: ConfigField, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = _BOOLEANS.get(str(value).strip().lower() or "false")
    if known is None:
        raise ValidationError(f"{field.label} must be true or false.")
    return known


def _list(field: ConfigField, value: Any) -> list[str]:
    given = value.splitlines() if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise ValidationError(f"{field.label} must be a list of texts.")
    texts = [_text(field, one) for one in given]
    return list(dict.fromkeys(text for text in texts if text))


def _choice(field: ConfigField, text: str) -> str:
    allowed = [key for key, _ in field.choices]
    if text not in allowed:
        raise ValidationError(f"{field.label} must be one of {', '.join(allowed)}.")
    return text


def _number(field: ConfigField, text: str) -> int | float:
    try:
        number = float(text)
        if not math.isfinite(number) or "_" in text:
            raise ValueError
        return number if any(sign in text for sign in ".eE") else int(text)
    except ValueError as error:
        raise ValidationError(f"{field.label} must be a number.") from error


def _url(field: ConfigField, text: str) -> str:
    wrong = ValidationError(
        f"{field.label} must be a whole address that starts with https:// or http://."
    )
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in ("https", "http") or not host or any(c.isspace() for c in text):
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise ValidationError(
            f"{field.label} must not hold a user name or password: use the fields for them."
        )
    return text


def _pattern(field: ConfigField, text: str) -> str:
    text = text or str(field.default)
    if text:
        try:
            Pattern.parse(text)
        except PatternRefused as error:
            raise ValidationError(f"{field.label}: {error}.") from error
    return text


def _file(field: ConfigField, text: str) -> str:
    """Its own size counts, not that of its base64."""
    try:
        size = len(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        size = len(text.encode("utf-8", "surrogatepass"))
    if size > field.largest:
        raise ValidationError(
            f"{field.label} is too large: {size:,} bytes of at most {field.largest:,}."
        )
    return text


_CHECKS: dict[str, Callable[[ConfigField, str], Any]] = {
    "choice": _choice,
    "number": _number,
    "url": _url,
    "pattern": _pattern,
    "file": _file,
}
