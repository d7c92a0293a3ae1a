"""A change is one trace, from the door's request to the target's answer, in what a collector
gets; nobody's name or secret is in it; and a collector that is away keeps nobody waiting."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.brokers import OwnRedis, black_hole, celery_worker, redis
from tests.chaos.site import PASSWORD, Program, Site, eventually
from tests.fakes.otlp import Collector, Told
from tests.fakes.scim2 import Scim2Target
from tests.fakes.server import Request

__all__ = ["black_hole", "redis"]

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENOUGH = 28.0
"""Seconds a process may take to end; the library alone would wait for thirty."""
TARGET = "/scim/v2/Users"


@pytest.fixture
def target() -> Iterator[Scim2Target]:
    with Scim2Target() as running:
        yield running


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


def site_of(folder: Path, endpoint: str, **environment: str) -> Site:
    return Site(
        folder,
        web=1,
        OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
        OTEL_BSP_SCHEDULE_DELAY="100",
        OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=a-test",
        **environment,
    )


@contextmanager
def running(site: Site, target: Scim2Target) -> Iterator[None]:
    site.prepare(target.settings)
    try:
        site.start()
        yield
    except AssertionError as error:
        raise AssertionError(f"{error}\n{site.logs()}") from error
    finally:
        site.stop()


def post(site: Site, name: str, **headers: str) -> None:
    answer = requests.post(
        f"{site.url}/scim2/Users?attributes=hidden-words",
        json={
            "schemas": [USER],
            "userName": name,
            "name": {"familyName": "Kimberley"},
            "password": "s3cr3t-pw-1",
        },
        auth=("chaos", PASSWORD),
        headers=headers,
        timeout=60,
    )
    assert answer.status_code == 201, answer.text


def ends(program: Program) -> None:
    """As it is told to, and in time; with it go the last spans."""
    assert program.process is not None
    program.process.send_signal(signal.SIGTERM)
    assert program.process.wait(ENOUGH) == 0


def of_target(collector: Collector, target: Scim2Target) -> list[Told]:
    """Requests that were sent to the target, as far as they have been told."""
    ours = [span for span in collector.spans if span.kind == "CLIENT"]
    return [span for span in ours if span.attributes.get("server.port") == target.port]


def lines(program: Program) -> list[dict[str, Any]]:
    told = (line for line in program.log.read_text().splitlines() if line.startswith("{"))
    return [json.loads(line) for line in told]


CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE, OF_CALLER = CALLER.split("-")[1:3]


@dataclass
class Story:
    """Somebody is created by a caller who traces; the target fails once, then takes them."""

    collector: Collector
    requests: list[Request]
    log: dict[str, Any]

    def one(self, name: str) -> Told:
        (span,) = self.collector.named(name)
        return span

    @property
    def attempts(self) -> list[Told]:
        return self.collector.named("deliver partner/scim2")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with Collector() as collector, Scim2Target() as target:
        site = site_of(tmp_path_factory.mktemp("story"), collector.url)
        with running(site, target):
            target.fail_next(503, method="POST")
            post(site, "kim.secretive", traceparent=CALLER)
            eventually("both attempts", lambda: len(of_target(collector, target)) >= 3)
            ends(site.serve)
        log = {line["event"]: line for line in lines(site.serve)}
        yield Story(collector, target.requests(path=TARGET), log)


def test_one_trace_leads_from_the_request_to_the_targets_answer(story: Story) -> None:
    request, accepted = story.one("POST scim2"), story.one("intake.accept")
    planned = story.one("planning.plan")
    tried, delivered = story.attempts
    of_deliveries = {tried.span_id, delivered.span_id}
    sent = [span for span in story.collector.spans if span.parent_id in of_deliveries]

    assert request.parent_id == OF_CALLER
    assert accepted.parent_id == request.span_id
    assert {span.parent_id for span in (planned, *story.attempts)} == {accepted.span_id}
    assert tried.links == delivered.links == [(TRACE, accepted.span_id)]
    assert [(span.name, span.parent_id) for span in sent] == [
        ("POST", tried.span_id),
        ("GET", delivered.span_id),
        ("POST", delivered.span_id),
    ]
    one_trace = (request, accepted, planned, *story.attempts, *sent)
    assert {span.trace_id for span in one_trace} == {TRACE}
    kinds = [span.kind for span in (request, accepted, delivered, sent[0])]
    assert kinds == ["SERVER", "INTERNAL", "CONSUMER", "CLIENT"]


def test_spans_tell_what_came_of_it(story: Story) -> None:
    tried, delivered = story.attempts
    told = {
        "messaging.destination.name": "partner/scim2",
        "purveyor.identity_provider": "partner",
        "purveyor.connector": "scim2",
        "purveyor.operation": "create",
    }
    first = {"purveyor.attempt": 1, "purveyor.outcome": "retry", "error.type": "transient"}
    second = {"purveyor.attempt": 2, "purveyor.outcome": "done"}
    assert tried.attributes | told | first == tried.attributes
    assert delivered.attributes | told | second == delivered.attributes
    assert (tried.failed, delivered.failed) == (True, False)
    statuses = [
        span.attributes["http.response.status_code"]
        for span in story.collector.spans
        if span.kind == "CLIENT"
    ]
    assert statuses == [503, 200, 201]
    assert story.one("POST scim2").attributes["http.response.status_code"] == 201
    assert story.one("intake.accept").attributes["purveyor.door"] == "scim2"


def test_each_process_says_which_it_is(story: Story) -> None:
    web, worker = story.one("intake.accept").resource, story.attempts[0].resource

    assert web["service.name"] == worker["service.name"] == "purveyor"
    assert web["deployment.environment.name"] == "a-test"
    assert web["service.instance.id"] != worker["service.instance.id"]


def test_lines_of_the_log_and_the_target_know_the_trace(story: Story) -> None:
    for event in ("change accepted", "not delivered", "delivered"):
        assert story.log[event]["trace_id"] == TRACE, event
    assert {one.headers["traceparent"].split("-")[1] for one in story.requests} == {TRACE}


def test_nobodys_name_or_secret_and_no_probe_is_in_it(story: Story) -> None:
    told = story.collector.bodies

    for personal in (b"secretive", b"Kimberley", b"s3cr3t", b"hidden-words", b"chaos-pass"):
        assert personal not in told
    assert not re.search(rb"healthz|readyz|metrics", told)


@pytest.mark.redis
def test_celerys_messages_belong_to_the_change_that_sent_them(
    tmp_path: Path, redis: OwnRedis, collector: Collector, target: Scim2Target
) -> None:
    site = site_of(tmp_path, collector.url, CELERY_BROKER_URL=redis.url)
    worker = celery_worker(site)
    with running(site, target):
        eventually("the worker listens", lambda: "ready" in worker.log.read_text())
        post(site, "kim")
        run = "run/provisioning.tasks.deliver"
        eventually("woken", lambda: collector.named(run))
        eventually("delivered", lambda: of_target(collector, target))
        ends(worker)

    (accepted,) = collector.named("intake.accept")
    (published,) = collector.named("apply_async/provisioning.tasks.deliver")
    woken = collector.named(run)[0]
    (delivered,) = collector.named("deliver partner/scim2")
    assert [published.parent_id, woken.parent_id] == [accepted.span_id, published.span_id]
    assert delivered.parent_id == accepted.span_id
    assert {accepted.trace_id} == {s.trace_id for s in (published, woken, delivered)}
    assert (published.kind, woken.kind) == ("PRODUCER", "CONSUMER")


def test_a_collector_that_is_silent_delays_neither_answers_nor_the_end(
    tmp_path: Path, black_hole: int, target: Scim2Target
) -> None:
    site = site_of(
        tmp_path,
        f"http://127.0.0.1:{black_hole}",
        # Whoever waited for it would wait for an hour.
        OTEL_EXPORTER_OTLP_TIMEOUT="3600",
    )
    with running(site, target):
        for number in range(5):
            post(site, f"kim-{number}")
        eventually("they arrive", lambda: target.user("kim-4"))
        ends(site.serve)

    assert {line["level"] for line in lines(site.serve)} <= {"info", "warning"}
