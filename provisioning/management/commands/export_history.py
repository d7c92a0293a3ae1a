from __future__ import annotations

from datetime import datetime, time, tzinfo
from typing import Any

from django.core.management.base import CommandParser
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive

from provisioning import history
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, tenant_named


class Command(Base):
    help = "Write jobs, attempts or the audit trail to stdout, a line each, oldest first."
    reports = False
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("kind", choices=history.KINDS)
        parser.add_argument("--format", choices=history.FORMATS, default="ndjson")
        for name in ("--since", "--until"):
            parser.add_argument(name, metavar="WHEN", help="a day, or a moment in ISO 8601")

    def work(self, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        zone = tenant.zone
        given = {name: _moment(name, options[name], zone) for name in ("since", "until")}
        for line in history.lines(options["kind"], tenant, format=options["format"], **given):
            self.stdout.write(line, ending="")


def _moment(name: str, text: str | None, zone: tzinfo) -> datetime | None:
    """Raises `Wrong`."""
    if text is None:
        return None
    try:
        day = parse_date(text) if len(text) <= 10 else None
        at = datetime.combine(day, time.min) if day else parse_datetime(text)
        if at is not None and 1970 <= at.year <= 9000:
            return at.replace(tzinfo=zone) if is_naive(at) else at
    except ValueError:
        pass  # no calendar has it: told below, like whatever is no moment at all
    raise Wrong(f"--{name}: {text} is neither a day (2026-05-31) nor a moment in ISO 8601.")
