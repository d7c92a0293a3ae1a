"""`/healthz` and `/readyz`, for load balancers and Kubernetes.

A middleware before all others: a probe calls by the address of a pod, without https and
without credentials, and is told nothing that could be secret.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from kombu import Connection

BROKER_TIMEOUT = 0.3
BROKER_REMEMBERED = 5.0
"""Seconds for which an answer about the broker holds."""

Get = Callable[[HttpRequest], HttpResponseBase]


class Probes:
    """Answers the probes, and leaves everything else to the others."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response
        self.answers: dict[str, Callable[[], HttpResponseBase]] = {
            "/healthz": alive,
            "/readyz": Readiness(),
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.answers.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return _told({"status": "GET or HEAD only"}, 405)
        return answer()


def alive() -> JsonResponse:
    """200 as long as this process answers; asks nobody else."""
    return _told({"status": "ok"}, 200)


class Readiness:
    """200 once the database answers and is migrated; a broker that is down only degrades,
    since workers find their work in the database."""

    def __init__(self) -> None:
        self.migrated = False
        self.broker_asked = 0.0
        self.broker_answered = True

    def __call__(self) -> JsonResponse:
        database, migrations = self._database()
        told = {"database": database, "migrations": migrations}
        ready = database == migrations == "ok"
        degraded = False
        if settings.CELERY_BROKER_URL:
            told["broker"] = "ok" if self._broker() else "does not answer"
            degraded = told["broker"] != "ok"
        status = "degraded" if degraded else "ok"
        return _told(
            {"status": status if ready else "unavailable", **told}, 200 if ready else 503
        )

    def _database(self) -> tuple[str, str]:
        try:
            connection.close_if_unusable_or_obsolete()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            self.migrated = self.migrated or _is_migrated()
        except DatabaseError:
            connection.close()
            return "does not answer", "unknown"
        return "ok", "ok" if self.migrated else "missing: run `manage.py migrate`"

    def _broker(self) -> bool:
        now = time.monotonic()
        if not self.broker_asked or now - self.broker_asked > BROKER_REMEMBERED:
            self.broker_asked = now
            self.broker_answered = broker_answers(settings.CELERY_BROKER_URL)
        return self.broker_answered


def broker_answers(url: str) -> bool:
    """Whether there is a broker at the other end; at most about a second."""
    options = {"socket_timeout": BROKER_TIMEOUT, "socket_connect_timeout": BROKER_TIMEOUT}
    redis = url.startswith("redis")
    try:
        with Connection(
            url, connect_timeout=BROKER_TIMEOUT, transport_options=options if redis else {}
        ) as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
            if redis:
                broker.default_channel.client.ping()  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 whatever it is, it is not there
        return False
    return True


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _told(told: dict[str, str], status: int) -> JsonResponse:
    answer = JsonResponse(told, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
