"""What the commands that import a file share: reading, telling, and the refused rows."""

from __future__ import annotations

import csv
import io
import os
import sys
from abc import abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from django.core.management.base import CommandParser

from provisioning.configuration.importing import Entry, Importing, Told
from provisioning.configuration.report import Result
from provisioning.entity_files.reading import FORMATS, CsvFile, JsonFile, read
from provisioning.entity_files.rows import TOLD_BACK, BadHeader, Row, Shape
from provisioning.management.base import Command, Wrong, actor, tenant_named
from provisioning.management.progress import Progress

RESULTS = (Result.CREATED, Result.CHANGED, Result.UNCHANGED, Result.REFUSED)
JSON_LINES = (".jsonl", ".ndjson")
Tell = Callable[[Row, str], None]


class ImportCommand(Command):
    """Nothing is kept of how far it came: given the same file again, it goes on, since
    what is there already is found unchanged."""

    of_tenant = True
    name = ""

    @abstractmethod
    def shape(self, importing: Importing) -> Shape: ...

    @abstractmethod
    def bring(self, importing: Importing, entries: Iterable[Entry]) -> Iterator[Told]: ...

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=FORMATS, help="unless the name of FILE says it")
        parser.add_argument("--dry-run", action="store_true", help="change nothing")
        parser.add_argument(
            "--refused", type=Path, metavar="FILE", help="write refused rows there"
        )

    def work(self, **options: Any) -> bool:
        tenant = tenant_named(options["tenant"])
        importing = Importing(tenant, actor(self.name), options["dry_run"])
        file, refused = options["file"], options["refused"]
        is_json = file.suffix.lower() in JSON_LINES
        format = options["format"] or ("jsonl" if is_json else "csv")
        if (
            refused is not None
            and refused.exists()
            and file.exists()
            and refused.samefile(file)
        ):
            raise Wrong("--refused: the file that is read cannot be written as well.")
        with ExitStack() as stack:
            try:
                source = stack.enter_context(file.open("rb"))
                text = io.TextIOWrapper(source, "utf-8-sig", newline="")
                rows = read(text, self.shape(importing), format)
                tell = self._refusals(stack, refused, rows)
            except BadHeader as error:
                raise Wrong(str(error)) from error
            except OSError as error:
                raise Wrong(f"{error.filename}: {error.strerror}.") from error
            counts = self._import(importing, _with_progress(rows, source), tell)
        told = {str(result): counts[result] for result in RESULTS}
        if options["json"]:
            self.tell_json(told)
        else:
            self.tell(", ".join(f"{n} {result}" for result, n in told.items()))
        return not counts[Result.REFUSED]

    def _import(self, importing: Importing, rows: Iterator[Row], tell: Tell) -> Counter[Result]:
        counts: Counter[Result] = Counter()
        for row, result, reason in self._brought(importing, rows):
            counts[result] += 1
            if reason:
                tell(row, reason)
        return counts

    def _brought(
        self, importing: Importing, rows: Iterator[Row]
    ) -> Iterator[tuple[Row, Result, str]]:
        """Each row with what became of it, those that cannot be used in their places."""
        asked: deque[Row] = deque()

        def entries() -> Iterator[Entry]:
            for row in rows:
                asked.append(row)
                if not row.problem:
                    yield row.entry

        for result, reason in self.bring(importing, entries()):
            while asked[0].problem:
                yield _refused(asked.popleft())
            yield asked.popleft(), result, reason
        for row in asked:
            yield _refused(row)

    def _refusals(self, stack: ExitStack, file: Path | None, rows: CsvFile | JsonFile) -> Tell:
        """Who is told about a refused row: the file, else whoever reads stderr."""
        if file is None:
            return lambda row, reason: self.say(f"line {row.line}: {reason}")
        opened = stack.enter_context(file.open("w", newline="", encoding="utf-8"))
        if isinstance(rows, JsonFile):
            return lambda row, reason: _write_json(opened, row, reason)
        header = [name for name in rows.header if name not in TOLD_BACK]
        out = csv.writer(opened)
        out.writerow([*header, *TOLD_BACK])
        return lambda row, reason: _write_csv(out, header, row, reason)


def _write_json(opened: io.TextIOBase, row: Row, reason: str) -> None:
    told = {**row.given, **dict(zip(TOLD_BACK, (row.line, reason), strict=True))}
    opened.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE).decode())


def _write_csv(out: Any, header: list[str], row: Row, reason: str) -> None:
    cells = [row.given.get(name, "") for name in header]
    out.writerow([*cells, row.line, reason])


def _refused(row: Row) -> tuple[Row, Result, str]:
    return row, Result.REFUSED, row.problem


def _with_progress(rows: CsvFile | JsonFile, source: BinaryIO) -> Iterator[Row]:
    progress = Progress(sys.stderr, "Importing", os.fstat(source.fileno()).st_size)
    for row in rows:
        progress.at(source.tell())
        yield row
    progress.end()
