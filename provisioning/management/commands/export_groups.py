from __future__ import annotations

from collections.abc import Iterator

from idp.models import Group, Tenant, UserStore
from provisioning.entity_files import writing
from provisioning.management.exporting import ExportCommand


class Command(ExportCommand):
    help = "Write groups and their members to stdout so that import_groups reads them back."

    def lines(self, tenant: Tenant, stores: list[UserStore], format: str) -> Iterator[str]:
        found = Group.objects.filter(tenant=tenant, store__in=stores).order_by("pk")
        return writing.groups(found, format)
