"""`import_users` with one target: people per second, and whether memory stays flat."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import databases, people, processes
from bench.databases import Database
from bench.results import Result
from bench.setting import Setting

NOWHERE = "http://127.0.0.1:9"


def run(setting: Setting) -> Iterator[Result]:
    count = setting.sized(tiny=60, short=30_000, full=100_000)
    kinds = {"postgresql": setting.postgres, "sqlite": ""}
    if why := databases.reachable(setting.postgres):
        setting.skip("import on PostgreSQL", why)
        del kinds["postgresql"]
    for kind, server in kinds.items():
        if kind == "sqlite" and setting.length == "short":
            continue
        with databases.database(setting.folder / kind, server) as database:
            people.apply(database, people.configuration(NOWHERE, {"concurrency": 4}))
            yield from _import(kind, database, count)


def _import(kind: str, database: Database, count: int) -> Iterator[Result]:
    file = people.write_csv(database.folder / "people.csv", count)
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import_users", str(file)],
        cwd=processes.ROOT,
        env=database.environment(),
        stdout=subprocess.DEVNULL,
        stderr=(database.folder / "import.log").open("w"),
    )
    samples: list[tuple[float, float]] = []
    while process.poll() is None:
        if (megabytes := _resident(process.pid)) is not None:
            samples.append((time.monotonic() - start, megabytes))
        time.sleep(0.1)
    seconds = time.monotonic() - start
    if process.returncode:
        raise RuntimeError((database.folder / "import.log").read_text()[-3000:])
    yield Result(
        f"import/{kind}/people-per-second",
        count / seconds,
        "/s",
        1_500,
        extra={"made_of": f"{count} people in {seconds:.1f} s, start of the process included"},
    )
    early = max(used for at, used in samples if at <= max(seconds / 4, samples[0][0]))
    late = max(used for _, used in samples)
    yield Result(
        f"import/{kind}/memory-growth",
        100 * (late / early - 1),
        "%",
        10,
        "lower",
        {"made_of": f"peak {early:.0f} MB in the first quarter, {late:.0f} MB in all"},
    )


def _resident(pid: int) -> float | None:
    """Megabytes in memory now; None when the process has just gone, or elsewhere than Linux."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    found = [line.split()[1] for line in text.splitlines() if line.startswith("VmRSS:")]
    return int(found[0]) / 1024 if found else None
