"""Waiting jobs to a fast target: against a bare loop, a client, and with two workers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psycopg

from bench import databases, people, processes
from bench.databases import Database
from bench.results import Result
from bench.setting import Setting
from bench.target import Target, fast_target, middle_rate, rate

THREADS = 8
BUDGET = {"requests_per_second": 0, "concurrency": 64}
SLOW = 0.020
PEERS = ("scim2-client", "scim2-client-async")
UNCHECKED = "scim2-client-unchecked"
"""Not what is compared with; told, so that nobody has to guess what its checks cost."""


@dataclass
class Rates:
    """Per second, by who sent, one for each round."""

    of: dict[str, list[float]] = field(default_factory=dict)

    def add(self, who: str, value: float) -> None:
        self.of.setdefault(who, []).append(value)

    def ratio(self, who: str, other: str) -> float:
        """The median over rounds: a round's two neighbours had the same weather."""
        pairs = zip(self.of[who], self.of[other], strict=True)
        return median(ours / theirs for ours, theirs in pairs)

    def result(self, name: str, who: str, other: str, goal: float) -> Result:
        ours, theirs = median(self.of[who]), median(self.of[other])
        return Result(
            name,
            self.ratio(who, other),
            "x",
            goal,
            extra={
                "made_of": f"{ours:.0f}/s; {other} {theirs:.0f}/s",
                "per_second": {key: [round(one, 1) for one in self.of[key]] for key in self.of},
            },
        )


def run(setting: Setting) -> Iterator[Result]:
    jobs = setting.sized(tiny=40, short=3_000, full=20_000)
    rounds = setting.sized(tiny=1, short=3, full=5)
    servers = {"sqlite": "", "postgresql": setting.postgres}
    if why := databases.reachable(setting.postgres):
        setting.skip("delivery on PostgreSQL, two workers", why)
        del servers["postgresql"]
    with fast_target() as target:
        for kind, server in servers.items():
            with databases.database(setting.folder / kind, server) as filled:
                people.apply(filled, people.configuration(target.url, BUDGET))
                people.bring(filled, jobs)
                yield from _against(setting, target, filled, jobs, rounds)
                if server:
                    yield _two_workers(setting, target, filled, jobs)


def _against(
    setting: Setting, target: Target, filled: Database, jobs: int, rounds: int
) -> Iterator[Result]:
    bodies = setting.folder / "bodies.json"
    _deliver(filled, target, jobs)  # warm-up; and what is sent is what the others send
    bodies.write_text(json.dumps(target.bodies()))
    senders = _senders(setting, filled, target, jobs, bodies)
    rates = Rates()
    for number in range(rounds):
        for who, send in senders.items():
            target.reset()
            send()
            _all_there(target, jobs)
            rates.add(who, rate(target.arrivals()))
            setting.say(f"round {number + 1}: {who} {rates.of[who][-1]:.0f}/s")
    kind, goal = ("postgresql", 0.70) if filled.server else ("sqlite", 0.80)
    yield rates.result(f"delivery/{kind}/of-limit", "ours", "requests", goal)
    if not filled.server:
        best = max(PEERS, key=lambda peer: median(rates.of[peer]))
        yield rates.result("delivery/sqlite/of-scim2-client", "ours", best, 1.0)


def _senders(
    setting: Setting, filled: Database, target: Target, jobs: int, bodies: Path
) -> dict[str, Callable[[], object]]:
    """Who takes part in a round, in this order: ours, the limit, peers."""

    def other(kind: str) -> Callable[[], object]:
        arguments = ("-m", "bench.senders", kind, target.url, str(bodies), str(THREADS))
        return lambda: processes.python(*arguments, env=filled.environment())

    senders: dict[str, Callable[[], object]] = {"ours": lambda: _deliver(filled, target, jobs)}
    senders["requests"] = other("requests")
    if not filled.server:
        senders |= {peer: other(peer) for peer in PEERS}
        if setting.length != "short":
            senders[UNCHECKED] = other(UNCHECKED)
    return senders


def _deliver(filled: Database, target: Target, jobs: int) -> None:
    """One worker process empties a copy of the queue."""
    with filled.copy() as copy:
        target.reset()
        arguments = ("worker", "--once", "--threads", str(THREADS))
        processes.manage(*arguments, env=copy.environment())
    _all_there(target, jobs)


def _all_there(target: Target, jobs: int) -> None:
    if (count := target.count()) != jobs:
        raise RuntimeError(f"{jobs} to send, but {count} requests arrived")


def _two_workers(setting: Setting, target: Target, filled: Database, jobs: int) -> Result:
    rounds = setting.sized(tiny=1, short=2, full=5)
    rates = Rates()
    for number in range(rounds):
        for workers in (1, 2):
            rates.add(str(workers), _shared(filled, target, jobs, workers))
            reached = rates.of[str(workers)][-1]
            setting.say(f"round {number + 1}: {workers} at work {reached:.0f}/s")
    single, double = median(rates.of["1"]), median(rates.of["2"])
    return Result(
        "delivery/postgresql/two-workers-20-ms",
        rates.ratio("2", "1"),
        "x",
        1.7,
        extra={"made_of": f"two {double:.0f}/s; one {single:.0f}/s", "per_second": rates.of},
    )


def _shared(filled: Database, target: Target, jobs: int, workers: int) -> float:
    """Arrivals per second while all workers are at work, on one queue."""
    arguments = ("manage.py", "worker", "--threads", str(THREADS))
    with filled.copy() as copy, ExitStack() as started:
        target.reset(SLOW)
        _postpone(copy, "1 hour")
        for _ in range(workers):
            started.enter_context(processes.running(*arguments, env=copy.environment()))
        processes.wait_for("workers", lambda: _connections(copy) >= workers)
        _postpone(copy, "0 seconds")
        target.wait(jobs)
        return middle_rate(target.arrivals())


def _connections(database: Database) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(database.server) as connection:
        found = connection.execute(query, [database.name]).fetchone()
    return int(found[0]) if found else 0


def _postpone(database: Database, interval: str) -> None:
    """When the waiting jobs become due, so that all workers begin together."""
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "UPDATE provisioning_job SET not_before = now() + %s::interval", [interval]
        )
