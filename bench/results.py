"""What a bench finds out, and the file it is kept in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Result:
    """One figure against its goal.

    `extra` holds what the figure was made of: what the peer or the limit reached, samples.
    Its keys stand beside those of the contract in the file.
    """

    name: str
    value: float
    unit: str
    goal: float
    better: Better = "higher"
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        if self.better == "higher":
            return self.value >= self.goal
        return self.value <= self.goal

    def as_row(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": _short(self.value),
            "unit": self.unit,
            "goal": self.goal,
            "better": self.better,
            "ok": self.ok,
            **self.extra,
        }


def _short(value: float) -> float:
    """Three digits after the point, or four that mean something."""
    return round(value, 3) if abs(value) >= 1 else float(f"{value:.4g}")


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(rows), indent=2) + "\n")


def merge(
    path: Path, rows: Sequence[Mapping[str, Any]], ran: Sequence[str]
) -> list[Mapping[str, Any]]:
    """What the file holds of benches that did not run this time, and the new rows."""
    before = json.loads(path.read_text()) if path.exists() else []
    return [*(row for row in before if row.get("bench") not in ran), *rows]


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as aligned text."""
    lines = [("", "measured", "goal", "made of")]
    for row in rows:
        sign = "≥" if row["better"] == "higher" else "≤"
        lines.append(
            (
                ("ok   " if row["ok"] else "MISS ") + row["name"],
                f"{row['value']:g} {row['unit']}",
                f"{sign} {row['goal']:g}",
                str(row.get("made_of", "")),
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, [*widths, 0], strict=True))
        for line in lines
    )
