"""The pages that people see when they sign in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from provisioning.inbound.login.stops import Stop


def page(
    request: HttpRequest, template: str, *, status: int = 200, **shown: object
) -> HttpResponse:
    response = render(request, f"login/{template}.html", shown, status=status)
    # Addresses hold states and codes: into no cache with them. That other sites are not told
    # where we came from is the policy of all our pages.
    response["Cache-Control"] = "no-store"
    return response


def stopped(request: HttpRequest, stop: Stop) -> HttpResponse:
    response = page(request, "stopped", status=stop.status, title=stop.title, words=str(stop))
    if stop.retry_after:
        response["Retry-After"] = str(stop.retry_after)
    # Django would log the address, with the code and the state in it.
    response._has_been_logged = True  # type: ignore[attr-defined]  # its own mark
    return response


def onward(request: HttpRequest, url: str) -> HttpResponse:
    """To another site after a form was sent. The policy of our pages lets forms lead to
    ourselves only, redirects included, so the page itself goes on."""
    return page(request, "onward", url=url)
