"""The short way of the doors: what machines call needs nothing that a console needs."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, get_resolver

DOORS = "provisioning.inbound.urls"
HEADERS = {
    # Nothing a door answers is a page, whatever a browser is made to believe.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}


class Doors:
    """Middleware that leads to the views of the doors past those behind it: sessions, CSRF,
    messages, the console's login and its content policy, half the cost of reading a person.

    The doors look at no cookie, so there is none to protect; whoever calls is found by the
    door itself. Any other address goes on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            match = get_resolver(DOORS).resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
