from __future__ import annotations

import csv
import io
import os
import sys
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandParser

from provisioning.configuration.importing import Entry, Importing, bring_users
from provisioning.configuration.report import Result
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor, tenant_named
from provisioning.management.progress import Progress
from provisioning.people_csv import TOLD_BACK, BadHeader, PeopleFile, Row


class Command(Base):
    help = (
        "Make or update users from a CSV file. Columns: userName, password, groups "
        "(separated by ;) and claims, by URI or short name. An empty cell changes nothing; "
        "a password acts only on new users."
    )
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument(
            "--refused",
            type=Path,
            metavar="FILE",
            help="write refused rows there",
        )

    def work(self, **options: Any) -> bool:
        importing = Importing(tenant_named(options["tenant"]), actor("import_users"))
        with ExitStack() as stack:
            try:
                source = stack.enter_context(options["file"].open("rb"))
                text = io.TextIOWrapper(source, "utf-8-sig", newline="")
                people = PeopleFile(text, importing.table)
                tell = self._refusals(stack, options["refused"], people.header)
            except BadHeader as error:
                raise Wrong(str(error)) from error
            except OSError as error:
                raise Wrong(f"{error.filename}: {error.strerror}.") from error
            counts = self._import(importing, _with_progress(people, source), tell)
        told = {str(result): counts[result] for result in RESULTS}
        if options["json"]:
            self.tell_json(told)
        else:
            self.tell(", ".join(f"{n} {result}" for result, n in told.items()))
        return not counts[Result.REFUSED]

    def _import(self, importing: Importing, rows: Iterator[Row], tell: Any) -> Counter[Result]:
        counts: Counter[Result] = Counter()
        for row, result, reason in _brought(importing, rows):
            counts[result] += 1
            if reason:
                tell(row, reason)
        return counts

    def _refusals(self, stack: ExitStack, file: Path | None, header: list[str]) -> Any:
        """Who is told about a refused row: the file, else whoever reads stderr."""
        if file is None:
            return lambda row, reason: self.say(f"line {row.line}: {reason}")
        out = csv.writer(stack.enter_context(file.open("w", newline="", encoding="utf-8")))
        width = len([name for name in header if name not in TOLD_BACK])
        out.writerow([*header[:width], *TOLD_BACK])

        def write(row: Row, reason: str) -> None:
            cells = [*row.cells, *[""] * width][:width]
            out.writerow([*cells, row.line, reason])

        return write


RESULTS = (Result.CREATED, Result.CHANGED, Result.UNCHANGED, Result.REFUSED)


def _brought(importing: Importing, rows: Iterator[Row]) -> Iterator[tuple[Row, Result, str]]:
    """Each row with what became of it; rows that cannot be users come as they are met."""
    asked: deque[Row] = deque()

    def entries() -> Iterator[Entry]:
        for row in rows:
            asked.append(row)
            if not row.problem:
                yield row.entry

    told = bring_users(importing, entries())
    for result, reason in told:
        while asked[0].problem:
            yield _refused(asked.popleft())
        yield asked.popleft(), result, reason
    for row in asked:
        yield _refused(row)


def _refused(row: Row) -> tuple[Row, Result, str]:
    return row, Result.REFUSED, row.problem


def _with_progress(people: PeopleFile, source: BinaryIO) -> Iterator[Row]:
    progress = Progress(sys.stderr, "Importing", os.fstat(source.fileno()).st_size)
    for row in people:
        progress.at(source.tell())
        yield row
    progress.end()
