from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from provisioning import audit
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor
from serviceproviders.tenants import create_tenant


class Command(Base):
    help = "Make a tenant, with its stores and its resident service provider."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("domain", metavar="DOMAIN")
        parser.add_argument("--time-zone", default="UTC", metavar="ZONE")

    def work(self, **options: Any) -> None:
        if options["time_zone"] not in available_timezones():
            raise Wrong(f"There is no time zone {options['time_zone']}.")
        try:
            tenant = create_tenant(options["domain"], options["time_zone"])
        except ValidationError as error:
            raise Wrong(" ".join(error.messages)) from error
        audit.record(
            tenant=tenant,
            actor=actor("create_tenant"),
            action="tenant.created",
            subject_type="tenant",
            subject_id=tenant.pk,
            subject_name=tenant.domain,
        )
        if options["json"]:
            self.tell_json({"domain": tenant.domain, "id": str(tenant.pk)})
        else:
            self.tell(f"Tenant {tenant.domain} is there.")
