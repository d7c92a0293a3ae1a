"""Benches run, and tell what they found in the promised shape. Times are never asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as benches
from bench import page, results
from bench.results import Result
from bench.setting import Setting

ROOT = Path(__file__).resolve().parent.parent.parent
PROMISED = ["name", "value", "unit", "goal", "better", "ok"]


def row(**fields: Any) -> dict[str, Any]:
    made = Result("a/b", 2.0, "x", 1.0).as_row()
    return {**made, "bench": "a", "length": "short", "measured": "2026-11-23", **fields}


def test_the_quickest_bench_runs_and_writes_the_file(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"

    run = subprocess.run(
        [sys.executable, "-m", "bench", "--tiny", "imports", "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "TEST_DATABASE_URL": "postgresql://127.0.0.1:1/nowhere"},
        capture_output=True,
        text=True,
        timeout=300,
    )

    rows = json.loads(out.read_text())
    assert run.returncode == 0, run.stderr
    assert [one["name"] for one in rows] == [
        "import/sqlite/people-per-second",
        "import/sqlite/memory-growth",
    ]
    for one in rows:
        assert list(one)[: len(PROMISED)] == PROMISED
        assert one["better"] in ("higher", "lower")
        assert isinstance(one["value"], int | float)
        assert isinstance(one["ok"], bool)
        assert one["name"] in run.stdout
    assert "SKIPPED import on PostgreSQL" in run.stdout


def test_a_bench_that_crashes_loses_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setting = Setting(tmp_path, length="tiny")

    rows, crashed = benches.run(["missing"], setting)

    assert (rows, crashed) == ([], ["missing"])
    assert "No module named 'bench.missing'" in capsys.readouterr().err
    assert setting.folder == tmp_path


@pytest.mark.parametrize(
    ("value", "better", "ok"),
    [
        (1.0, "higher", True),
        (0.99, "higher", False),
        (1.0, "lower", True),
        (1.1, "lower", False),
    ],
)
def test_a_figure_reaches_its_goal_or_not(value: float, better: Any, ok: bool) -> None:
    assert Result("a", value, "x", 1.0, better).ok is ok


def test_a_run_of_some_keeps_what_others_found(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    results.write(file, [row(name="old"), row(name="kept", bench="b")])

    merged = results.merge(file, [row(name="new")], ["a"])

    assert [one["name"] for one in merged] == ["kept", "new"]


def test_the_page_is_renewed_between_its_markers(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text(f"# Performance\n{page.BEGIN}\nold\n{page.END}\nThe rest.\n")

    page.write_page(file, [row(), row(name="slow", value=0.5, ok=False)])

    text = file.read_text()
    assert "| reached | a/b | 2 x | ≥ 1 x |" in text
    assert "| **missed** | slow | 0.5 x | ≥ 1 x |" in text
    assert "old" not in text
    assert text.endswith("The rest.\n")


def test_bars_show_how_many_times_a_goal_is_reached() -> None:
    assert page.score(row()) == 2
    assert page.score(row(value=0.5)) == 0.5
    assert page.score(row(value=25.0, goal=50, better="lower")) == 2
    assert page.score(row(value=-1.0, goal=10, better="lower")) == page.FAR


def test_every_bench_is_there() -> None:
    for name in benches.BENCHES:
        assert (ROOT / "bench" / f"{name}.py").is_file()
