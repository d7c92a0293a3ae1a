from __future__ import annotations

import sys
import uuid
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import QuerySet

from provisioning import letters, operations
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor, tenant_named
from provisioning.management.progress import Progress
from provisioning.models import Job, State


class Command(Base):
    help = "Try failed jobs again; all of the tenant unless some are named."
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--idp", metavar="N", help="of this identity provider")
        parser.add_argument("--connector", metavar="T", help="of this connector type")
        parser.add_argument(
            "--signature", metavar="S", help="that failed alike: a signature, or a reason code"
        )
        parser.add_argument("--job", type=uuid.UUID, metavar="ID", help="this one")

    def work(self, **options: Any) -> bool | None:
        tenant = tenant_named(options["tenant"])
        wanted = {
            "connector__provider__name": options["idp"],
            "connector__type": options["connector"],
            "pk": options["job"],
        }
        given = {lookup: value for lookup, value in wanted.items() if value is not None}
        jobs = Job.objects.filter(tenant=tenant, state=State.FAILED, **given)
        if options["signature"] is not None:
            jobs = jobs.filter(letters.named(options["signature"]))
        failed = jobs.count()
        if options["job"] and not failed:
            raise Wrong(f"There is no failed job {options['job']} in {tenant.domain}.")
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
