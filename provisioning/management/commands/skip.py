from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from provisioning import operations
from provisioning.management import choosing
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor, tenant_named


class Command(Base):
    help = "Cancel failed jobs that nobody wants any more. The next change sends everything."
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        choosing.add_arguments(parser)
        parser.add_argument("--all", action="store_true", help="all of the tenant")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the trail")

    def work(self, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        if choosing.is_named(options) == options["all"]:
            raise Wrong("Say which: --idp, --connector, --signature, --job, or --all alone.")
        jobs = choosing.failed(tenant, options)
        skipped = operations.skip(jobs, actor=actor("skip"), reason=options["reason"])
        if options["json"]:
            self.tell_json({"skipped": skipped})
        else:
            self.tell(f"{skipped} skipped")
