"""The report: as JSON, and as a page in Markdown to read and to keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from provisioning.configuration import Report, Result
from provisioning.wso2 import bringing
from provisioning.wso2.comparing import Compared, Comparison
from provisioning.wso2.document import Document
from provisioning.wso2.notes import Became, Note

TITLES = {
    Became.BY_HAND: "To be done by hand",
    Became.LEFT_OUT: "Left out, and why",
    Became.TRANSLATED: "Translated",
    Became.TAKEN: "Taken as it is",
}


_MOVED = frozenset(Result) - {Result.UNCHANGED}


def as_json(
    document: Document, report: Report | None, comparison: Comparison | None
) -> dict[str, Any]:
    counts = document.notes.counts
    return {
        "files": document.files,
        "problems": document.problems,
        **{str(result).replace(" ", "_"): counts[result] for result in Became},
        "variables": sorted(bringing.to_be_given(document)),
        "prepared_logins": bringing.prepared_logins(document),
        "fields": [note.as_json() for note in document.notes.rows],
        "applied": report.as_json() if report else None,
        "comparison": comparison.as_json() if comparison else None,
    }


def as_lines(
    document: Document, report: Report | None, comparison: Comparison | None
) -> Iterator[str]:
    """For a terminal: what is taken as it is stands in the report only."""
    for result in (Became.BY_HAND, Became.LEFT_OUT, Became.TRANSLATED):
        for note in document.notes.of(result):
            became = f" → {note.ours}" if note.ours else ""
            where = f"{note.file}:{note.line}"
            yield f"{result:10} {where} {note.subject}: {note.what}{became}: {note.why}"
    for target in comparison.targets if comparison else ():
        where = f"{target.identity_provider}/{target.connector}"
        same = f"{sum(row.same for row in target.rows)} of {len(target.rows)}"
        said = f"{target.verdict}, {same} attributes as WSO2 sends them"
        yield f"{'compared':10} {target.service_provider} → {where}: {said}"
        if target.wrong:
            yield f"{Became.BY_HAND:10} {where} cannot work as it is: {target.wrong}"
    yield told(document)
    if report:
        yield from (str(line) for line in report.lines if line.result in _MOVED)
        yield report.summary


def as_markdown(
    document: Document, report: Report | None, comparison: Comparison | None
) -> str:
    return "\n".join(_lines(document, report, comparison)) + "\n"


def _lines(
    document: Document, report: Report | None, comparison: Comparison | None
) -> Iterator[str]:
    yield "# Moving from WSO2"
    yield ""
    yield f"{document.files} files read. {told(document)}"
    if document.problems:
        yield from ("", "## Files that cannot be taken", "")
        yield from (f"- {problem}" for problem in document.problems)
    variables = sorted(bringing.to_be_given(document))
    if variables:
        yield from ("", "## Secrets to be given as environment variables", "")
        yield from (f"- `{name}`" for name in variables)
    if prepared := bringing.prepared_logins(document):
        yield from ("", "## Logins that are prepared", "")
        yield "Written down, and not applied yet: " + ", ".join(prepared) + "."
    for result, title in TITLES.items():
        rows = list(document.notes.of(result))
        if rows:
            yield from ("", f"## {title}", "")
            yield from _table(rows)
    if report:
        title = "What applying it would do" if report.dry_run else "What was applied"
        yield from ("", f"## {title}", "")
        yield from (f"- {line}" for line in report.lines if line.result in _MOVED)
        yield from ("", f"{report.summary}.")
    if comparison:
        yield from _compared(comparison)


def told(document: Document) -> str:
    """How many of each."""
    counts = document.notes.counts
    return ", ".join(f"{counts[result]} {result}" for result in Became) + "."


def _table(rows: Iterable[Note]) -> Iterator[str]:
    yield "| where | of | field | value | here | why |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        where = f"{row.file}:{row.line}"
        yield _row(where, row.subject, row.what, row.value, row.ours, row.why)


def _compared(comparison: Comparison) -> Iterator[str]:
    roles = f", in {', '.join(comparison.roles)}" if comparison.roles else ""
    yield from ("", f"## What is sent for {comparison.person}{roles}, who is new", "")
    yield (
        "WSO2's requests are as its connectors are described, not recorded. Whether its own "
        "roles and rules let the person through is not judged."
    )
    for target in comparison.targets:
        title = f"{target.service_provider} → {target.identity_provider}/{target.connector}"
        yield from ("", f"### {title}", "", _verdict(target), "")
        if target.wrong:
            yield from (f"**It cannot work as it is:** {target.wrong}", "")
        if target.rows:
            yield from ("| attribute | WSO2 | here | |", "|---|---|---|---|")
            yield from (
                _row(row.attribute, row.wso2, row.ours, "same" if row.same else row.why)
                for row in target.rows
            )
            yield from ("", target.remark)


def _verdict(target: Compared) -> str:
    here = f"Here: {target.verdict} ({target.reason})."
    return f"WSO2: `{target.request}`. {here}" if target.request else here


def _row(*cells: str) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
