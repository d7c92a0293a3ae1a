"""Which failed jobs a command means: options that several commands have."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import QuerySet

from idp.models import Tenant
from provisioning import letters
from provisioning.management.base import Wrong
from provisioning.models import Job, State


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--idp", metavar="N", help="of this identity provider")
    parser.add_argument("--connector", metavar="T", help="of this connector type")
    parser.add_argument(
        "--signature", metavar="S", help="that failed alike: a signature, or a reason code"
    )
    parser.add_argument("--job", type=uuid.UUID, metavar="ID", help="this one")


def is_named(options: dict[str, Any]) -> bool:
    """Whether any of them is given."""
    names = ("idp", "connector", "signature", "job")
    return any(options[name] is not None for name in names)


def failed(tenant: Tenant, options: dict[str, Any]) -> QuerySet[Job]:
    """Raises `Wrong` for a job that has not failed."""
    wanted = {
        "connector__provider__name": options["idp"],
        "connector__type": options["connector"],
        "pk": options["job"],
    }
    given = {lookup: value for lookup, value in wanted.items() if value is not None}
    jobs = Job.objects.filter(tenant=tenant, state=State.FAILED, **given)
    if options["signature"] is not None:
        jobs = jobs.filter(letters.named(options["signature"]))
    if options["job"] and not jobs.exists():
        raise Wrong(f"There is no failed job {options['job']} in {tenant.domain}.")
    return jobs
