"""Who may read `/metrics`."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


def test_a_token_lets_in_from_anywhere_and_nothing_else_does(
    client: Client, settings: Settings
) -> None:
    settings.PURVEYOR_METRICS_TOKEN = "scrape-me-123"
    far = {"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "10.1.2.3:8000"}

    for wrong in ({}, {"HTTP_AUTHORIZATION": "Bearer other"}, {"HTTP_AUTHORIZATION": "Bearer"}):
        refused = client.get("/metrics", **far, **wrong)
        assert (refused.status_code, refused["WWW-Authenticate"][:6]) == (401, "Bearer")
        assert b"scrape-me" not in refused.content
    assert client.get("/metrics").status_code == 401
    told = client.get("/metrics", **far, HTTP_AUTHORIZATION="Bearer scrape-me-123")
    assert told.status_code == 200
    assert told["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_HOST": "evil.example"},
    ],
)
def test_without_a_token_only_this_machine_is_told(
    client: Client, elsewhere: dict[str, str]
) -> None:
    refused = client.get("/metrics", **elsewhere)

    assert refused.status_code == 403
    assert b"PURVEYOR_METRICS_TOKEN" in refused.content
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200
    assert client.post("/metrics").status_code == 405
