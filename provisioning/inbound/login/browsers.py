"""Which browser it is: a random cookie, that logins are bound to."""

from __future__ import annotations

import hashlib
import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

SECONDS = 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def _name() -> str:
    """With https nobody else can set it: no neighbour of our host, and nothing unsecured."""
    return "__Host-login" if settings.SESSION_COOKIE_SECURE else "login"


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def known(request: HttpRequest) -> str:
    """The browser's token; "" when it has none."""
    token = request.COOKIES.get(_name(), "")
    return token if _TOKEN.fullmatch(token) else ""


def of(request: HttpRequest) -> str:
    """The browser's token, or a new one, which the answer must `remember`."""
    return known(request) or secrets.token_urlsafe(32)


def remember(response: HttpResponseBase, token: str) -> None:
    response.set_cookie(
        _name(),
        token,
        max_age=SECONDS,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
