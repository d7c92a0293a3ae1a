"""Lockout per (name, address) for the doors: the counters of django-axes, as in the console.

Axes is asked through its handler with a bare request of our own: it must neither keep
bodies (a client secret may be in one) nor replace the door's answer.
"""

from __future__ import annotations

import hashlib

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest

_LENGTH = 255


def failures(request: HttpRequest, name: str) -> int:
    """How often this name failed from this address lately."""
    counted: int = AxesProxyHandler.get_failures(_bare(request), _credentials(name))
    return counted


def is_locked(failed: int) -> bool:
    limit: int = settings.AXES_FAILURE_LIMIT
    return failed >= limit


def count_failure(request: HttpRequest, name: str) -> None:
    AxesProxyHandler.user_login_failed(
        sender=__name__, credentials=_credentials(name), request=_bare(request)
    )


def forget_failures(request: HttpRequest, name: str) -> None:
    """After a success: the counter of this name at this address starts again."""
    address = request.META.get("REMOTE_ADDR")
    AxesProxyHandler.reset_attempts(ip_address=address, username=_key(name))


def _bare(request: HttpRequest) -> HttpRequest:
    bare = HttpRequest()
    bare.method = request.method
    bare.path = bare.path_info = request.path
    bare.META = {
        key: value
        for key, value in request.META.items()
        if key.startswith("REMOTE_") or key == "HTTP_X_FORWARDED_FOR"
    }
    return bare


def _credentials(name: str) -> dict[str, str]:
    return {"username": _key(name)}


def _key(name: str) -> str:
    """The name as the counters keep it: short, and without what a database cannot store."""
    if len(name) <= _LENGTH and "\0" not in name:
        return name
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()
