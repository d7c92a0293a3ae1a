from __future__ import annotations

from typing import Any

import yaml
from django.core.management.base import CommandParser

from idp.models import Tenant
from provisioning.configuration import export
from provisioning.management.base import Command as Base
from provisioning.management.base import tenant_named


class Command(Base):
    help = "Write the configuration in the format `apply` takes; secrets are left out."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", metavar="D", help="this tenant only")
        parser.add_argument("--people", action="store_true", help="users and groups, too")

    def work(self, **options: Any) -> None:
        named = options["tenant"]
        tenants = [tenant_named(named)] if named else list(Tenant.objects.all())
        tree = export(*tenants, people=options["people"])
        if options["json"]:
            self.tell_json(tree)
        else:
            self.tell(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))
