from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from provisioning import status
from provisioning.management.base import Command as Base
from provisioning.management.base import positive, tenant_named


class Command(Base):
    help = "How jobs and connectors are doing; with --wait, once nothing is under way."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", metavar="D", help="this tenant only")
        parser.add_argument("--wait", type=positive, metavar="SECONDS")

    def work(self, **options: Any) -> bool:
        tenant = tenant_named(options["tenant"]) if options["tenant"] else None
        idle = status.wait_until_idle(tenant, options["wait"]) if options["wait"] else True
        told = status.status(tenant)
        if options["json"]:
            self.tell_json(told)
        else:
            self._tell(told)
        if not idle:
            self.say(f"Not idle after {options['wait']} seconds.")
        return idle

    def _tell(self, told: dict[str, Any]) -> None:
        self.tell("jobs: " + ", ".join(f"{n} {state}" for state, n in told["jobs"].items()))
        for row in told["connectors"]:
            name = f"{row['tenant']} {row['identity_provider']}/{row['connector']}"
            waiting = row["oldest_waiting_seconds"]
            since = f", oldest waiting {waiting} s" if waiting else ""
            last = row["last_success"] or "never"
            owed = f", {row['owed']} removals owed" if row["owed"] else ""
            over = row["maintenance_until"]
            closed = f", maintenance until {over}" if over else ""
            only = f" ({row['rehearsed']} rehearsed)" if row["rehearsed"] else ""
            self.tell(
                f"{name}: {row['state']}{closed}, {row['queued']} queued, "
                f"{row['held']} held{only}, {row['failed']} failed{owed}{since}{_eta(row)}, "
                f"last success {last}"
            )
            for sentence in row["remarks"]:
                self.tell(f"    {sentence}")


def _eta(row: dict[str, Any]) -> str:
    seconds = row["eta_seconds"]
    return f", done in about {timedelta(seconds=seconds)}" if seconds else ""
