from __future__ import annotations

from collections.abc import Iterator

from idp.local_claims import table_of
from idp.models import Tenant, User, UserStore
from provisioning.entity_files import writing
from provisioning.management.exporting import ExportCommand


class Command(ExportCommand):
    help = "Write users to stdout so that import_users reads them back; no passwords."

    def lines(self, tenant: Tenant, stores: list[UserStore], format: str) -> Iterator[str]:
        found = User.objects.filter(tenant=tenant, store__in=stores).order_by("pk")
        return writing.users(found, table_of(tenant), format)
