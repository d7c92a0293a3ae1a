from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from provisioning import wake
from provisioning.configuration import (
    ConfigurationError,
    Report,
    Result,
    apply,
    apply_file,
    loading,
)
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor


class Command(Base):
    help = "Apply a configuration file (YAML or JSON). The second time it changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", help="the file; - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="tell, and do nothing")

    def work(self, **options: Any) -> bool:
        try:
            report = self._apply(options["file"], options["dry_run"])
        except ConfigurationError as error:
            raise Wrong("\n".join(error.problems)) from error
        if not report.dry_run:
            wake.wake()
        if options["json"]:
            self.tell_json(report.as_json())
        else:
            self._tell(report)
        for line in report.lines:
            if line.result is Result.REFUSED:
                self.say(f"{line.kind} {line.name} refused: {', '.join(line.fields)}")
        return not report.counts[Result.REFUSED]

    def _apply(self, file: str, dry_run: bool) -> Report:
        if file != "-":
            return apply_file(Path(file), actor=actor("apply"), dry_run=dry_run)
        tree = loading.fill(loading.parse(sys.stdin.read()), Path())
        return apply(tree, actor=actor("apply"), dry_run=dry_run)

    def _tell(self, report: Report) -> None:
        for line in report.lines:
            if line.result not in (Result.UNCHANGED, Result.REFUSED):
                self.tell(str(line))
        self.tell(report.summary)
