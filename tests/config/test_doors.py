"""Doors are reached past what only the console needs, and lose nothing by it."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from config.doors import Doors
from idp.models import Tenant
from tests.factories import make_operator
from tests.provisioning.inbound.calls import basic

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(tenant: Tenant) -> dict[str, str]:
    make_operator(tenant)
    return basic()


@pytest.mark.parametrize(
    ("path", "status"),
    [("/scim2/Users", 200), ("/scim2/Nothing", 404), ("/oauth2/token", 405)],
)
def test_a_door_sets_no_cookie_and_keeps_the_protecting_headers(
    client: Client, caller: dict[str, str], path: str, status: int
) -> None:
    answer = client.get(path, headers=caller)

    assert answer.status_code == status
    assert not answer.cookies
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Request-ID"]
    assert int(answer["Content-Length"]) == len(answer.content)


def test_a_session_of_the_console_opens_no_door(client: Client, tenant: Tenant) -> None:
    client.force_login(
        make_operator(tenant),
        backend="django.contrib.auth.backends.ModelBackend",
    )

    assert client.get("/scim2/Users").status_code == 401


def test_a_host_that_is_not_ours_is_refused_at_doors_too(
    client: Client, caller: dict[str, str]
) -> None:
    answer = client.get("/scim2/Users", headers={**caller, "Host": "evil.example"})

    assert answer.status_code == 400


def test_over_https_doors_are_redirected_and_pinned_like_pages(
    client: Client, caller: dict[str, str], settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 3600

    assert client.get("/scim2/Users", headers=caller).status_code == 301
    assert client.get("/scim2/Users", headers=caller, secure=True)["Strict-Transport-Security"]


@pytest.mark.parametrize(
    "path", ["/admin/", "/api/v1/users", "/oauth2/nothing", "/scim3/Users"]
)
def test_every_other_address_goes_on(path: str) -> None:
    passed: list[str] = []

    def console(request: HttpRequest) -> HttpResponse:
        passed.append(request.path)
        return HttpResponse()

    Doors(console)(RequestFactory().get(path))

    assert passed == [path]
