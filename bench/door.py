"""The SCIM 2.0 door beside other SCIM servers: requests per second.

Ours has one target configured and no worker running: what is measured is the door with the
engine's writes; delivery has benches of its own. Everybody gets the same gunicorn, the same
SQLite settings and a bearer token; ours is looked up in the database at each request,
theirs is compared in memory. Rounds are interleaved; medians count.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from bench import door_servers
from bench.door_servers import DJANGO_PEERS, IN_MEMORY, OURS, OURS_ALONE, ROOT
from bench.results import Result
from bench.setting import Setting

OPERATIONS = ("create", "read", "filter", "patch", "list-100")
Found = dict[tuple[str, str], list[float]]


def run(setting: Setting) -> Iterator[Result]:
    rounds = setting.sized(tiny=1, short=5, full=15)
    seconds = setting.sized(tiny=0.2, short=0.6, full=2.0)
    people = setting.sized(tiny=150, short=400, full=1_000)
    with ExitStack() as stack:
        servers = door_servers.start(setting, stack)
        client = stack.enter_context(_client())
        for server in servers:
            _tell(client, do="populate", count=people, **server.as_order())
        found: Found = {}
        for number in range(rounds):
            # Every other round the other way about: nobody is always first.
            for operation in OPERATIONS:
                for server in servers[:: 1 if number % 2 == 0 else -1]:
                    answer = _tell(client, do=operation, name=server.name, seconds=seconds)
                    found.setdefault((operation, server.name), []).append(answer["per_second"])
    yield from _results(found)


def _results(found: Found) -> Iterator[Result]:
    medians = {key: statistics.median(samples) for key, samples in found.items()}
    for operation in OPERATIONS:
        fastest = max(DJANGO_PEERS, key=lambda name: medians[operation, name])
        yield _result(operation, medians, OURS, fastest, goal=1.3, also=DJANGO_PEERS)
        yield _result(operation, medians, OURS_ALONE, IN_MEMORY, goal=0.5)


def _result(
    operation: str,
    medians: dict[tuple[str, str], float],
    ours: str,
    peer: str,
    *,
    goal: float,
    also: Sequence[str] = (),
) -> Result:
    named = dict.fromkeys((ours, peer, *also))
    rates = {name: round(medians[operation, name], 1) for name in named}
    return Result(
        name=f"door {operation} / {peer}",
        value=rates[ours] / rates[peer],
        unit="x",
        goal=goal,
        extra={
            "per_second": rates,
            "made_of": ", ".join(f"{name} {rate:.0f}/s" for name, rate in rates.items()),
        },
    )


@contextmanager
def _client() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.door_client"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as client:
        yield client
        if client.stdin:
            client.stdin.close()


def _tell(client: subprocess.Popen[str], **order: Any) -> dict[str, Any]:
    """Raises `RuntimeError` when a server cannot do it."""
    if client.stdin is None or client.stdout is None:
        raise RuntimeError("the client has no pipes")
    client.stdin.write(json.dumps(order) + "\n")
    client.stdin.flush()
    answer: dict[str, Any] = json.loads(client.stdout.readline() or '{"error": "it ended"}')
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer
