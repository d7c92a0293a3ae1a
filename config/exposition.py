"""`/metrics`, for Prometheus: who may read it, and what is put together for the answer."""

from __future__ import annotations

import os
from ipaddress import ip_address
from typing import cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config import requests
from config.proxies import SPOKEN_BY_PROXIES
from provisioning.metrics import Installation


def metrics(request: HttpRequest) -> HttpResponse:
    refusal = _refusal(request)
    if refusal is not None:
        return refusal
    requests.count_wake_ups()
    text = b"".join(generate_latest(cast(CollectorRegistry, one)) for one in _collectors())
    return HttpResponse(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _collectors() -> list[object]:
    everything = _Fixed(_installation())
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return [everything, requests.REGISTRY]
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return [everything, shared]


class _Fixed(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self.metrics = metrics

    def collect(self) -> list[Metric]:
        return self.metrics


def _installation() -> list[Metric]:
    """Without the database there is less to tell, and that is told."""
    up = GaugeMetricFamily("purveyor_database_up", "1 while the database answers, else 0.")
    try:
        # No transaction: on SQLite it would wait for every writer.
        told = list(Installation().collect())
    except DatabaseError:
        connection.close()
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    return [up, *told]


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """With a token whoever has it may ask, without one this machine only.

    The host is looked at as well: a page in somebody's browser on this machine could have
    its own name lead here.
    """
    token: str = settings.PURVEYOR_METRICS_TOKEN
    if token:
        scheme, _, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() == "bearer" and constant_time_compare(given.strip(), token):
            return None
        refused = _told("This needs the token of PURVEYOR_METRICS_TOKEN as Bearer.\n", 401)
        refused["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refused
    if _is_from_here(request):
        return None
    return _told(
        "Without PURVEYOR_METRICS_TOKEN, metrics are told on this machine only, and not "
        "through a proxy.\n",
        403,
    )


def _is_from_here(request: HttpRequest) -> bool:
    if any(header in request.META for header in SPOKEN_BY_PROXIES):
        return False
    try:
        request.get_host()
        peer = ip_address(request.META.get("REMOTE_ADDR", ""))
    except (DisallowedHost, ValueError):
        return False
    return bool((getattr(peer, "ipv4_mapped", None) or peer).is_loopback)


def _told(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
