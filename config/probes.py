"""`/healthz` and `/readyz` for load balancers and Kubernetes, `/metrics` for Prometheus.

A middleware before all others: a probe calls by the address of a pod, without https and
without credentials, and is told nothing that could be secret. `config.exposition` says who may
read metrics, by what the connection itself shows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from kombu import Connection

from config.exposition import metrics

BROKER_TIMEOUT = 0.3
BROKER_REMEMBERED = 5.0
"""Seconds for which an answer about the broker holds."""

Get = Callable[[HttpRequest], HttpResponseBase]


class Probes:
    """Answers the probes, and leaves everything else to the others."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response
        self.answers: dict[str, Get] = {
            "/healthz": alive,
            "/readyz": Readiness(),
            "/metrics": metrics,
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.answers.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return _told({"status": "GET or HEAD only"}, 405)
        return answer(request)


def alive(_request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers; asks nobody else."""
    return _told({"status": "ok"}, 200)


SAID = {True: "ok", False: "does not answer", None: "not known yet"}


class Readiness:
    """200 once the database answers and is migrated; a broker that is down only degrades,
    since workers find their work in the database."""

    def __init__(self) -> None:
        self.migrated = False
        self.broker = Broker()

    def __call__(self, _request: HttpRequest) -> JsonResponse:
        database, migrations = self._database()
        told = {"database": database, "migrations": migrations}
        ready = database == migrations == "ok"
        degraded = False
        if settings.CELERY_BROKER_URL:
            answers = self.broker.answers()
            told["broker"] = SAID[answers]
            degraded = answers is False
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


class Broker:
    """Asked by a thread of its own: a probe waits a moment for the first answer, and gets
    the last one afterwards."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = 0.0
        self.thread: threading.Thread | None = None
        self.last: bool | None = None

    def answers(self) -> bool | None:
        """None while nobody knows yet: the first answer may take longer than a probe has."""
        with self.lock:
            now = time.monotonic()
            first = self.thread is None
            if first or now - self.asked > BROKER_REMEMBERED:
                self.asked = now
                self.thread = threading.Thread(target=self._ask, name="broker", daemon=True)
                self.thread.start()
        if first and self.thread is not None:
            self.thread.join(BROKER_TIMEOUT)
        return self.last

    def _ask(self) -> None:
        self.last = broker_answers(settings.CELERY_BROKER_URL)


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
