"""From the door's answer to the target, on a system that has nothing else to do."""

from __future__ import annotations

import random
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from statistics import median, quantiles
from subprocess import DEVNULL, Popen

from redis import Redis
from redis.exceptions import RedisError

from bench import databases, people, processes
from bench.results import Result
from bench.serving import Door, serving
from bench.setting import Setting
from bench.target import Target, fast_target

WARM_UP = 20
SEED = 4002


def run(setting: Setting) -> Iterator[Result]:
    changes = setting.sized(tiny=5, short=150, full=1_000)
    with fast_target() as target:
        with databases.database(setting.folder / "child") as database:
            people.apply(database, people.configuration(target.url, {"concurrency": 64}))
            with serving(database) as door:
                seconds = _measure(door, target, changes)
        yield from _results("worker child", seconds)
        if why := _no_celery(setting):
            setting.skip("latency with Celery", why)
            return
        yield from _results("celery", _with_celery(setting, target, changes))


def _results(kind: str, seconds: list[float]) -> Iterator[Result]:
    values = [round(one * 1000, 2) for one in seconds]
    extra = {"made_of": f"{len(values)} changes", "milliseconds": values}
    p99 = quantiles(values, n=100)[98] if len(values) > 1 else values[0]
    yield Result(f"latency/{kind}/median", median(values), "ms", 50, "lower", extra)
    yield Result(f"latency/{kind}/p99", p99, "ms", 250, "lower", {"made_of": extra["made_of"]})


def _measure(door: Door, target: Target, changes: int) -> list[float]:
    """Seconds between an answer and the arrival of that change, for each change."""
    dice = random.Random(SEED)
    _wait_for_delivery(door, target)
    target.reset()
    answered: dict[str, float] = {}
    for number in range(WARM_UP + changes):
        name = f"latency-{number}"
        door.call("POST", "/Users", people.scim(name, number))
        answered[name] = door.answered
        time.sleep(dice.uniform(0.04, 0.14))
    target.wait(len(answered))
    arrived = {one.name: one.time for one in target.arrivals()}
    # A request may arrive before its answer is read: then nobody has waited.
    waits = [max(0.0, arrived[name] - at) for name, at in answered.items()]
    return waits[WARM_UP:]


def _wait_for_delivery(door: Door, target: Target) -> None:
    """Until the worker is up, which takes longer than the web server."""
    door.call("POST", "/Users", people.scim("first", 0))
    target.wait(1)


def _no_celery(setting: Setting) -> str:
    """Why it cannot be measured, or nothing."""
    if not find_spec("config.celery"):
        return "there is no Celery application yet"
    if not shutil.which("redis-server"):
        try:
            Redis.from_url(setting.redis).ping()
        except RedisError as error:
            return f"no Redis at TEST_REDIS_URL: {error}"
    return databases.reachable(setting.postgres)


def _with_celery(setting: Setting, target: Target, changes: int) -> list[float]:
    target.reset()
    with (
        databases.database(setting.folder / "celery", setting.postgres) as database,
        _redis(setting) as broker,
    ):
        people.apply(database, people.configuration(target.url, {"concurrency": 64}))
        env = database.environment(CELERY_BROKER_URL=broker)
        worker = ("-m", "celery", "-A", "config", "worker", "--loglevel", "WARNING")
        log = database.folder / "celery.log"
        with (
            processes.running(*worker, env=env, log=log),
            serving(database, CELERY_BROKER_URL=broker) as door,
        ):
            return _measure(door, target, changes)


@contextmanager
def _redis(setting: Setting) -> Iterator[str]:
    """A Redis of our own where that is installed: others' messages must not wake us."""
    binary = shutil.which("redis-server")
    if binary is None:
        yield setting.redis
        return
    folder = setting.folder / "redis"
    folder.mkdir()
    port = _free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder))
    process = Popen([binary, *options], stdout=DEVNULL, stderr=sys.stderr)
    try:
        processes.wait_for("Redis", lambda: _listens(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
