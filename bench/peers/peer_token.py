"""The check of a bearer token, as cheap as can be: one token, compared in memory.

Both packages leave authentication to the project.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

EXPECTED = f"Bearer {os.environ['PEER_TOKEN']}".encode()


def is_right(request: HttpRequest) -> bool:
    return hmac.compare_digest(request.META.get("HTTP_AUTHORIZATION", "").encode(), EXPECTED)


class TokenUser:
    """Whoever has the token; nobody of the database."""

    is_authenticated = True


def middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """After Django's own, as django-scim2 asks `request.user`."""

    def answer(request: HttpRequest) -> HttpResponse:
        if is_right(request):
            request.user = TokenUser()  # type: ignore[assignment]
        return get_response(request)

    return answer
