from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from config.proxies import TrustedProxies, networks
from idp.models import Tenant
from tests.factories import make_operator
from tests.provisioning.inbound.calls import basic

ROOT = Path(__file__).parents[2]
OURS = networks(["10.0.0.0/8", "127.0.0.1", "2001:db8:aaaa::/48"])


@pytest.fixture(autouse=True)
def _proxies(settings: Settings) -> None:
    settings.PURVEYOR_TRUSTED_PROXIES = OURS


def seen(peer: str, said: str | None = None, **headers: str) -> HttpRequest:
    """The request as everything behind the middleware sees it."""
    arrived: list[HttpRequest] = []

    def take(request: HttpRequest) -> HttpResponse:
        arrived.append(request)
        return HttpResponse()

    if said is not None:
        headers["X-Forwarded-For"] = said
    TrustedProxies(take)(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))
    return arrived[0]


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.1.1.1, 10.0.0.2", "10.1.1.1"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8:aaaa::1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, unknown, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
    ],
)
def test_the_client_is_the_nearest_address_that_is_none_of_our_proxies(
    peer: str, said: str | None, client: str
) -> None:
    assert seen(peer, said).META["REMOTE_ADDR"] == client


@given(st.text(alphabet="0123456789.:,[] abcdef%", max_size=60))
def test_nothing_a_client_says_changes_which_address_the_proxy_saw(forged: str) -> None:
    arrived = seen("10.0.0.1", f"{forged}, 198.51.100.7")

    assert arrived.META["REMOTE_ADDR"] == "198.51.100.7"


def test_forwarding_headers_of_strangers_are_taken_away() -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}

    assert "HTTP_X_FORWARDED_PROTO" not in seen("192.0.2.1", "10.0.0.1", **forged).META
    assert "HTTP_X_FORWARDED_FOR" not in seen("192.0.2.1", "10.0.0.1", **forged).META
    assert seen("10.0.0.1", **forged).META["HTTP_X_FORWARDED_PROTO"] == "https"


def test_without_named_proxies_the_peer_counts(settings: Settings) -> None:
    settings.PURVEYOR_TRUSTED_PROXIES = []

    assert seen("10.0.0.1", "198.51.100.7").META["REMOTE_ADDR"] == "10.0.0.1"


def status(client: Client, password: str, said: str) -> int:
    headers = {**basic(password=password), "X-Forwarded-For": said}
    return client.get("/scim2/Users", headers=headers).status_code


@pytest.mark.django_db
def test_behind_a_proxy_one_clients_guesses_lock_out_nobody_else(
    client: Client, tenant: Tenant
) -> None:
    make_operator(tenant)

    guesses = [status(client, "wrong", f"10.0.0.{n}, 198.51.100.7") for n in range(5)]

    assert guesses == [401] * 5
    assert status(client, "letmein-123", "198.51.100.7") == 401
    assert status(client, "letmein-123", "203.0.113.9") == 200


@pytest.mark.django_db
def test_the_console_counts_by_the_same_address(client: Client, tenant: Tenant) -> None:
    make_operator(tenant)

    def sign_in(password: str, said: str) -> int:
        form = {"username": "ops", "password": password}
        headers = {"X-Forwarded-For": said}
        return client.post("/admin/login/", form, headers=headers).status_code

    for _ in range(5):
        sign_in("wrong", "198.51.100.7")

    assert sign_in("letmein-123", "198.51.100.7") == 429
    assert sign_in("letmein-123", "203.0.113.9") == 302


def test_a_wrong_network_is_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env={"PURVEYOR_TRUSTED_PROXIES": "10.0.0.1/8", "SECRET_KEY": "x", "PATH": "/usr/bin"}
        | {"PURVEYOR_SECRET_KEYS": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert done.stderr == "PURVEYOR_TRUSTED_PROXIES: 10.0.0.1/8 has host bits set.\n"
