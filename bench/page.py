"""The table and the plot of `docs/performance.md`, from what a run wrote."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
FAR = 3.0
"""Bars end here: how far beyond three times the goal a figure is says little."""


def write_page(page: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace what stands between the markers."""
    text = page.read_text()
    inside = f"{BEGIN}\n{figures(rows)}\n{END}"
    replaced = re.sub(
        f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: inside, text, flags=re.DOTALL
    )
    page.write_text(replaced)


def figures(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [f"{_machine()}.", "", "| | figure | measured | goal | made of |"]
    lines.append("|---|---|--:|--:|---|")
    for row in rows:
        sign = "≥" if row["better"] == "higher" else "≤"
        lines.append(
            f"| {'reached' if row['ok'] else '**missed**'} | {row['name']} "
            f"| {row['value']:.4g} {row['unit']} | {sign} {row['goal']:g} {row['unit']} "
            f"| {row.get('made_of', '')} |"
        )
    days = sorted({str(row["measured"])[:10] for row in rows})
    lengths = sorted({str(row["length"]) for row in rows})
    lines += ["", f"Measured {' and '.join(days)}, {' and '.join(lengths)} form."]
    return "\n".join(lines)


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def score(row: Mapping[str, Any]) -> float:
    """How many times the goal is reached: 1 is just so, more is better."""
    value, goal = float(row["value"]), float(row["goal"])
    if row["better"] == "higher":
        return value / goal
    return goal / value if value > 0 else FAR


def write_plot(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Every figure as a bar from nothing over its goal; needs pygal (the extra `bench`)."""
    import pygal
    from pygal.style import Style

    chart = pygal.HorizontalStackedBar(
        style=Style(
            background="white",
            plot_background="white",
            colors=("#2e7d32", "#c62828"),
            value_font_size=10,
        ),
        js=[],
        no_prefix=True,
        width=900,
        height=70 + 26 * len(rows),
        range=(0, FAR),
        legend_at_bottom=True,
        print_values=True,
        value_formatter=lambda value: f"{value:.2f}" if value else "",
        title="How many times each goal is reached",
    )
    labels = ("0", "goal", "2", "3 or more")
    chart.y_labels = [{"value": at, "label": label} for at, label in enumerate(labels)]
    told = list(reversed(rows))
    chart.x_labels = [str(row["name"]) for row in told]
    scores = [min(score(row), FAR) for row in told]
    for title, ok in (("reached", True), ("missed", False)):
        bars = zip(told, scores, strict=True)
        chart.add(title, [bar if row["ok"] is ok else None for row, bar in bars])
    svg = chart.render(is_unicode=True, disable_xml_declaration=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(re.sub(r"<script\b.*?</script>", "", svg, flags=re.DOTALL) + "\n")
