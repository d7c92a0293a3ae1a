from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import QuerySet

from provisioning import operations
from provisioning.management import choosing
from provisioning.management.base import Command as Base
from provisioning.management.base import actor, tenant_named
from provisioning.management.progress import Progress
from provisioning.models import Job


class Command(Base):
    help = "Try failed jobs again; all of the tenant unless some are named."
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        choosing.add_arguments(parser)

    def work(self, **options: Any) -> bool | None:
        tenant = tenant_named(options["tenant"])
        jobs = choosing.failed(tenant, options)
        failed = jobs.count()
        retried = self._retry(jobs, failed)
        left = failed - retried
        if options["json"]:
            self.tell_json({"retried": retried, "left": left})
        else:
            why = f"; {left} left: something newer of theirs is done or on its way"
            self.tell(f"{retried} queued again{why if left else ''}")
        return not (options["job"] and left)

    def _retry(self, jobs: QuerySet[Job], failed: int) -> int:
        bar = Progress(sys.stderr, "Retrying", failed)
        retried = seen = 0
        for part in operations.in_parts(jobs):
            bar.at(seen)
            retried += operations.retry(part, actor=actor("retry"))
            seen += operations.AT_ONCE
        bar.end()
        return retried
