from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import QuerySet

from idp.models import Tenant
from provisioning import operations
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor, connector_named, positive, tenant_named
from provisioning.models import Job


class Command(Base):
    help = "Let held jobs go on, or with --reject cancel them."
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("connector", nargs="*", metavar="IDP CONNECTOR")
        parser.add_argument("--job", type=uuid.UUID, metavar="ID", help="this one")
        parser.add_argument("--all", action="store_true", help="all of the tenant")
        parser.add_argument("--count", type=positive, metavar="N", help="the N oldest only")
        parser.add_argument("--reject", action="store_true", help="cancel them instead")

    def work(self, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        jobs = _chosen(tenant, options).order_by("position")
        if options["count"]:
            oldest = list(jobs.values_list("pk", flat=True)[: options["count"]])
            jobs = Job.objects.filter(pk__in=oldest)
        act = operations.reject if options["reject"] else operations.release
        done = act(jobs, actor=actor("release"))
        word = "rejected" if options["reject"] else "released"
        if options["json"]:
            self.tell_json({word: done})
        else:
            self.tell(f"{done} {word}")


def _chosen(tenant: Tenant, options: dict[str, Any]) -> QuerySet[Job]:
    named, job, everything = options["connector"], options["job"], options["all"]
    if sum(map(bool, (named, job, everything))) != 1 or len(named) not in (0, 2):
        raise Wrong("Say which: IDP CONNECTOR, or --job ID, or --all.")
    held = operations.decidable(Job.objects.filter(tenant=tenant))
    if named:
        return held.filter(connector=connector_named(tenant, *named))
    if job is None:
        return held
    if not held.filter(pk=job).exists():
        raise Wrong(f"There is no held job {job} in {tenant.domain}.")
    return held.filter(pk=job)
