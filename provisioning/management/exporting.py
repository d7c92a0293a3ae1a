"""What the commands that export people share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from idp.models import Tenant, UserStore
from provisioning.entity_files.reading import FORMATS
from provisioning.management.base import Command, Wrong, tenant_named


class ExportCommand(Command):
    reports = False
    of_tenant = True

    @abstractmethod
    def lines(self, tenant: Tenant, stores: list[UserStore], format: str) -> Iterator[str]: ...

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--format", choices=FORMATS, default="csv")
        parser.add_argument("--store", metavar="DOMAIN", help="only of this user store")

    def work(self, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        stores = UserStore.objects.filter(tenant=tenant)
        if domain := options["store"]:
            stores = stores.filter(domain=domain)
            if not stores:
                raise Wrong(f"There is no user store {domain} in {tenant}.")
        for line in self.lines(tenant, list(stores), options["format"]):
            self.stdout.write(line, ending="")
