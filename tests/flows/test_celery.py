"""With a broker: `serve` takes changes in, Celery's workers deliver, messages wake them."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from tests.brokers import OwnRedis, amqp, black_hole, celery_worker, redis
from tests.chaos.brokers import counted
from tests.chaos.databases import own_database
from tests.chaos.site import PASSWORD, Program, Site, eventually
from tests.fakes.scim2 import Scim2Target

__all__ = ["amqp", "black_hole", "redis"]

USER = "urn:ietf:params:scim:schemas:core:2.0:User"


@pytest.fixture
def target() -> Iterator[Scim2Target]:
    with Scim2Target() as running:
        yield running


@contextmanager
def running(site: Site, target: Scim2Target) -> Iterator[Site]:
    site.prepare(target.settings)
    try:
        site.start()
        post(site, "the-first")  # a password is checked slowly, once
        yield site
    except AssertionError as error:
        raise AssertionError(f"{error}\n{site.logs()}") from error
    finally:
        site.stop()


def post(site: Site, name: str) -> None:
    answer = requests.post(
        f"{site.url}/scim2/Users",
        json={"schemas": [USER], "userName": name},
        auth=("chaos", PASSWORD),
        timeout=30,
    )
    assert answer.status_code == 201, answer.text


def arrives(target: Scim2Target, name: str) -> None:
    eventually(f"{name} at the target", lambda: target.user(name))


def said(program: Program, text: str) -> bool:
    return program.log.exists() and text in program.log.read_text()


def wakes_and_delivers(site: Site, target: Scim2Target) -> None:
    worker = celery_worker(site)
    with running(site, target):
        eventually("the worker listens", lambda: said(worker, "ready"))
        assert not site.serve.children("--wake-fd")
        post(site, "kim")
        arrives(target, "kim")
        eventually("a wake-up came", lambda: said(worker, "provisioning.tasks.deliver"))

        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(30) == 0


@pytest.mark.redis
def test_a_change_is_delivered_by_a_celery_worker_that_redis_wakes(
    tmp_path: Path, redis: OwnRedis, target: Scim2Target
) -> None:
    wakes_and_delivers(Site(tmp_path, web=1, CELERY_BROKER_URL=redis.url), target)


@pytest.mark.amqp
@pytest.mark.postgres
def test_a_change_is_delivered_by_a_celery_worker_that_rabbitmq_wakes(
    tmp_path: Path, amqp: str, target: Scim2Target
) -> None:
    with own_database() as url:
        wakes_and_delivers(
            Site(tmp_path, web=1, CELERY_BROKER_URL=amqp, DATABASE_URL=url), target
        )


@pytest.mark.redis
def test_losing_redis_stops_no_delivery_and_is_told_once(
    tmp_path: Path, redis: OwnRedis, target: Scim2Target
) -> None:
    site = Site(tmp_path, web=1, CELERY_BROKER_URL=redis.url)
    worker = celery_worker(site)
    redis.kill()
    with running(site, target):
        # The worker started without it.
        post(site, "before")
        arrives(target, "before")

        redis.start()
        eventually("the worker listens", lambda: said(worker, "ready"))
        post(site, "between")
        arrives(target, "between")

        redis.kill()
        post(site, "after")
        arrives(target, "after")
        eventually("it is told once", lambda: said(site.serve, "takes no wake-ups"))
        redis.start()
        eventually("and that it is over", lambda: woken_again(site))


def jobs(site: Site) -> Counter[str]:
    with closing(sqlite3.connect(site.folder / "purveyor.sqlite3", timeout=20)) as database:
        return Counter(
            state for (state,) in database.execute("SELECT state FROM provisioning_job")
        )


def woken(site: Site, worker: Program, heard: int) -> bool:
    post(site, f"again-{time.monotonic_ns()}")
    return worker.log.read_text().count("deliver[") > heard


def woken_again(site: Site) -> bool:
    post(site, f"again-{time.monotonic_ns()}")
    return said(site.serve, "takes wake-ups again")


@pytest.mark.redis
def test_a_redis_that_refuses_workers_stops_no_delivery(
    tmp_path: Path, redis: OwnRedis, target: Scim2Target
) -> None:
    site = Site(tmp_path, web=1, CELERY_BROKER_URL=redis.url)
    worker = celery_worker(site)
    with running(site, target), closing(redis.client()) as administrator:
        eventually("the worker listens", lambda: said(worker, "ready"))
        administrator.acl_setuser("default", enabled=True, categories=["-@pubsub"], reset=False)
        administrator.client_kill_filter(_type="pubsub")
        eventually("it is refused", lambda: said(worker, "NoPermission"))
        post(site, "unheard")
        arrives(target, "unheard")

        administrator.acl_setuser("default", enabled=True, categories=["+@pubsub"])
        heard = worker.log.read_text().count("deliver[")
        eventually("a wake-up came", lambda: woken(site, worker, heard))


@pytest.mark.redis
def test_wake_ups_that_nobody_hears_are_not_kept(
    tmp_path: Path, redis: OwnRedis, target: Scim2Target
) -> None:
    with running(Site(tmp_path, web=1, CELERY_BROKER_URL=redis.url), target) as site:
        for number in range(5):
            post(site, f"unheard-{number}")
        eventually("published", lambda: publications(redis) > 0)

        assert redis.keys() == []


def publications(redis: OwnRedis) -> int:
    return int(redis.client().info("commandstats").get("cmdstat_publish", {}).get("calls", 0))


def test_a_broker_that_never_answers_delays_neither_requests_nor_delivery(
    tmp_path: Path, black_hole: int, target: Scim2Target
) -> None:
    url = f"redis://127.0.0.1:{black_hole}/0"
    site = Site(tmp_path, web=1, CELERY_BROKER_URL=url)
    worker = celery_worker(site)
    with running(site, target):
        for number in range(5):
            post(site, f"unheard-{number}")
        # Had they waited for it, each would have asked it in vain.
        assert counted(site, "purveyor_wake_ups_dropped_total") < 5
        arrives(target, "unheard-4")
        eventually("it is told", lambda: said(site.serve, "takes no wake-ups"))

        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(30) == 0


@pytest.mark.redis
def test_a_worker_told_to_stop_finishes_what_is_under_way_and_hands_back_the_rest(
    tmp_path: Path, redis: OwnRedis, target: Scim2Target
) -> None:
    site = Site(tmp_path, web=1, CELERY_BROKER_URL=redis.url, PURVEYOR_WORKER_THREADS="1")
    worker = celery_worker(site)
    with running(site, target):
        arrives(target, "the-first")
        slow = target.hang_next(method="POST")
        post(site, "under-way")
        assert slow.reached.wait(30)
        for number in range(3):
            post(site, f"waiting-{number}")
        eventually("all are leased", lambda: jobs(site)["running"] == 4)
        worker.process.send_signal(signal.SIGTERM)
        eventually("others may have the rest", lambda: jobs(site)["pending"] == 3)
        slow.release()

        assert worker.process.wait(30) == 0
        assert jobs(site) == {"done": 2, "pending": 3}
        assert target.user("under-way")
        assert len(target.requests("POST")) == 2

        worker.start()
        for number in range(3):
            arrives(target, f"waiting-{number}")
