"""What a load balancer is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from config import probes
from config.probes import Probes
from tests.brokers import OwnRedis, amqp, redis
from tests.chaos.site import eventually

__all__ = ["amqp", "redis"]

POD = {"HTTP_HOST": "10.1.2.3:8000"}


def told_of_broker(client: Client) -> tuple[str, str]:
    """Status and broker, once the first answer of the broker has come."""

    def told() -> dict[str, str]:
        answer = client.get("/readyz")
        assert answer.status_code == 200
        known: dict[str, str] = answer.json()
        return known

    eventually("the broker is known", lambda: told()["broker"] != "not known yet")
    return told()["status"], told()["broker"]


@pytest.fixture
def nobody_listens() -> Iterator[int]:
    """A port that is taken and refuses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_it_is_alive_without_asking_the_database(client: Client) -> None:
    answer = client.get("/healthz", **POD)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_it_is_ready_by_the_address_of_a_pod_and_without_https(
    client: Client, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get("/readyz", **POD)

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "migrations": "ok"}
    assert client.head("/readyz", **POD).status_code == 200
    assert client.post("/readyz", **POD).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_database_without_a_migration_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app, name, applied FROM django_migrations ORDER BY id DESC LIMIT 1"
        )
        row = cursor.fetchone()
        cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", row[:2])
    try:
        answer = client.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", row
            )

    assert answer.status_code == 503
    assert answer.json()["migrations"].startswith("missing")
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_is_down_degrades(
    client: Client, settings: Settings, nobody_listens: int, scheme: str
) -> None:
    settings.CELERY_BROKER_URL = f"{scheme}://127.0.0.1:{nobody_listens}//"

    assert told_of_broker(client) == ("degraded", "does not answer")


@pytest.mark.django_db
@pytest.mark.redis
def test_redis_that_is_there_is_ok(client: Client, settings: Settings, redis: OwnRedis) -> None:
    settings.CELERY_BROKER_URL = redis.url

    assert told_of_broker(client) == ("ok", "ok")


@pytest.mark.django_db
@pytest.mark.amqp
def test_rabbitmq_that_is_there_is_ok(client: Client, settings: Settings, amqp: str) -> None:
    settings.CELERY_BROKER_URL = amqp

    assert told_of_broker(client) == ("ok", "ok")


def test_nobody_is_told_down_before_there_was_time_to_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_BROKER_URL = "redis://broker.example"
    answered = threading.Event()
    monkeypatch.setattr(probes, "broker_answers", lambda _url: answered.wait(10))
    monkeypatch.setattr(probes, "BROKER_TIMEOUT", 0.01)
    broker = probes.Broker()

    assert broker.answers() is None
    answered.set()
    eventually("its answer has come", lambda: broker.answers() is True)


def test_other_pages_are_left_alone(client: Client) -> None:
    assert Probes(lambda _request: "page")(client.get("/healthz/x").wsgi_request) == "page"  # type: ignore[arg-type,return-value,comparison-overlap]
