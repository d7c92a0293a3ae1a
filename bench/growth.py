"""What a change, a look-up and a lease cost with a thousand people and with very many."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median
from subprocess import PIPE, Popen
from urllib.parse import quote

from bench import databases, many, people, processes
from bench.databases import Database
from bench.results import Result
from bench.serving import Door, serving
from bench.setting import Setting
from bench.target import Target, fast_target

GOAL = 1.3
WARM_UP = 10
SIDES = ("small", "large")
GROUPS = ("few", "everybody")


@dataclass
class Times:
    """Seconds by operation and side."""

    of: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def add(self, operation: str, side: str, seconds: float) -> None:
        self.of.setdefault((operation, side), []).append(seconds)

    def result(self, kind: str, operation: str, what: str) -> Result:
        small, large = (median(self.of[operation, side][WARM_UP:]) * 1000 for side in SIDES)
        return Result(
            f"growth/{kind}/{operation}",
            large / small,
            "x",
            GOAL,
            "lower",
            {
                "made_of": f"{small:.2f} → {large:.2f} ms, {what}",
                "milliseconds": {"small": round(small, 3), "large": round(large, 3)},
            },
        )


def run(setting: Setting) -> Iterator[Result]:
    kinds = {"sqlite": "", "postgresql": setting.postgres}
    if why := databases.reachable(setting.postgres):
        setting.skip("growth on PostgreSQL", why)
        del kinds["postgresql"]
    for kind, server in kinds.items():
        if kind == "postgresql" and setting.length == "short":
            continue
        yield from _grow(setting, kind, server)


def _grow(setting: Setting, kind: str, server: str) -> Iterator[Result]:
    base = setting.sized(tiny=50, short=1_000, full=1_000)
    times = setting.sized(tiny=4, short=200, full=1_000)
    rounds = WARM_UP + setting.sized(tiny=5, short=60, full=300)
    with ExitStack() as stack:
        target = stack.enter_context(fast_target())
        folder = setting.folder / kind
        small = stack.enter_context(databases.database(folder, server))
        _lived_in(small, target, base)
        sides = {"small": small, "large": stack.enter_context(small.copy())}
        many.multiply(sides["large"], times)
        sizes = {GROUPS[0]: 10, GROUPS[1]: base * times // 2}
        outsiders = many.join(sides["large"], sizes)
        setting.say(f"{kind}: {base} and {base * times} people are there")
        for database in sides.values():
            people.bring(database, base // 2, "waiting")
        found = Times()
        _claims(sides, found, rounds)
        _requests(sides, found, rounds, outsiders)
    what = f"{base} → {base * times} people and finished jobs"
    for operation in ("create", "by-name", "by-email", "next-page", "claim"):
        yield found.result(kind, operation, what)
    yield found.result(kind, "group-member", f"group of 10 → {sizes[GROUPS[1]]}")


def _lived_in(database: Database, target: Target, count: int) -> None:
    """People and groups who came in through the engine and are at the target."""
    people.apply(database, people.configuration(target.url, {"concurrency": 64}))
    people.bring(database, count)
    with serving(database, "--no-worker") as door:
        for name in GROUPS:
            door.call("POST", "/Groups", {"displayName": name})
    processes.manage("worker", "--once", env=database.environment())


def _claims(sides: dict[str, Database], found: Times, rounds: int) -> None:
    """Leases in one process for each side, by turns; handing back is not measured."""
    with ExitStack() as stack:
        started = {}
        for side, database in sides.items():
            started[side] = stack.enter_context(
                Popen(
                    [sys.executable, "-m", "bench.claims"],
                    cwd=processes.ROOT,
                    env=database.environment(),
                    stdin=PIPE,
                    stdout=PIPE,
                    text=True,
                )
            )
        for _ in range(rounds):
            for side, process in started.items():
                found.add("claim", side, _claim(process))


def _claim(process: Popen[str]) -> float:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
    process.stdin.write("claim\n")
    process.stdin.flush()
    seconds, jobs = process.stdout.readline().split()
    if int(jobs) == 0:
        raise RuntimeError("nothing to claim")
    return float(seconds)


def _requests(
    sides: dict[str, Database], found: Times, rounds: int, outsiders: list[str]
) -> None:
    """The same request to both sides, one after the other; no worker disturbs."""
    with ExitStack() as stack:
        doors = {
            side: stack.enter_context(serving(database, "--no-worker"))
            for side, database in sides.items()
        }
        pages = {side: _page(door) for side, door in doors.items()}
        for number in range(rounds):
            for side, door in doors.items():
                for operation, step in _steps(door, number, pages[side]).items():
                    found.add(operation, side, step())
        groups = {name: _group(doors["large"], name) for name in GROUPS}
        for number in range(rounds):
            for side, name in zip(SIDES, GROUPS, strict=True):
                member = str(uuid.UUID(outsiders[number * 2 + SIDES.index(side)]))
                seconds, _ = doors["large"].timed(
                    "PATCH", f"/Groups/{groups[name]}", _add(member)
                )
                found.add("group-member", side, seconds)


def _steps(door: Door, number: int, page: str) -> dict[str, Callable[[], float]]:
    name = f"person-{number:07}"
    by_name = quote(f'userName eq "{name}"')
    by_email = quote(f'emails.value eq "{name}@example.org"')
    new = people.scim(f"new-{number}", number)
    return {
        "create": lambda: door.timed("POST", "/Users", new)[0],
        "by-name": lambda: _found(door, by_name),
        "by-email": lambda: _found(door, by_email),
        "next-page": lambda: door.timed("GET", page)[0],
    }


def _found(door: Door, filter_: str) -> float:
    seconds, answer = door.timed("GET", f"/Users?filter={filter_}")
    if answer["totalResults"] != 1:
        raise RuntimeError(f"{answer['totalResults']} instead of one match")
    return seconds


def _page(door: Door) -> str:
    """The address of a second page."""
    first = door.call("GET", "/Users?cursor=&count=20")
    return f"/Users?cursor={quote(first['nextCursor'])}&count=20"


def _group(door: Door, name: str) -> str:
    wanted = quote(f'displayName eq "{name}"')
    [group] = door.call("GET", f"/Groups?filter={wanted}&attributes=id")["Resources"]
    return str(group["id"])


def _add(member: str) -> dict[str, object]:
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": member}]}],
    }
