"""`python -m bench [NAME…]`: run the benches, print one table, write `var/bench.json`."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import page, results
from bench.setting import Setting

ROOT = Path(__file__).resolve().parent.parent
BENCHES = ("delivery", "latency", "growth", "door", "imports", "rules")
"""Modules of this package with a `run(setting) -> Iterator[Result]`, in the order of a run."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--tiny", action="store_true", help="only prove that it works")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "bench.json")
    parser.add_argument("--write-docs", action="store_true", help="into docs/performance.md")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(BENCHES)):
        parser.error(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    with tempfile.TemporaryDirectory(prefix="purveyor-bench-") as folder:
        setting = Setting.of_environment(Path(folder))
        if options.tiny:
            setting.length = "tiny"
        ran = [name for name in BENCHES if name in (options.names or BENCHES)]
        rows, crashed = run(ran, setting)
    kept = results.merge(options.out, rows, ran)
    results.write(options.out, kept)
    if options.write_docs:
        page.write_page(ROOT / "docs" / "performance.md", kept)
        page.write_plot(ROOT / "docs" / "images" / "performance.svg", kept)
    tell(rows, setting, crashed)
    return 1 if crashed else 0


def run(names: Sequence[str], setting: Setting) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of every bench, and which benches crashed: one loses only what it had left."""
    rows: list[dict[str, Any]] = []
    crashed: list[str] = []
    whole = setting.folder
    for name in names:
        setting.folder = whole / name
        setting.folder.mkdir()
        setting.say(f"bench {name} ({setting.length})")
        try:
            for result in importlib.import_module(f"bench.{name}").run(setting):
                rows.append({**result.as_row(), "bench": name, **setting.stamp()})
                setting.say(results.table([rows[-1]]).splitlines()[1])
        except Exception:  # noqa: BLE001 - the other benches go on
            crashed.append(name)
            traceback.print_exc()
    setting.folder = whole
    return rows, crashed


def tell(rows: list[dict[str, Any]], setting: Setting, crashed: list[str]) -> None:
    sys.stdout.write("\n" + results.table(rows) + "\n")
    for line in setting.skipped:
        sys.stdout.write(f"SKIPPED {line}\n")
    for name in crashed:
        sys.stdout.write(f"CRASHED {name}: see above\n")


if __name__ == "__main__":
    raise SystemExit(main())
