from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from idp.models import key_of
from provisioning import hand_links
from provisioning.hand_links import CannotLink
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor, connector_named, tenant_named
from provisioning.models import ProvisionedEntity


class Command(Base):
    help = "Forget which account at a target is somebody's; nothing is sent there."
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("idp", metavar="IDP")
        parser.add_argument("connector", metavar="CONNECTOR")
        parser.add_argument("name", metavar="NAME", help="as the account is called there")
        parser.add_argument("--group", action="store_true", help="a group, not a user")

    def work(self, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        connector = connector_named(tenant, options["idp"], options["connector"])
        links = ProvisionedEntity.objects.select_related("tenant", "connector__provider")
        link = links.filter(
            connector=connector,
            entity_type="group" if options["group"] else "user",
            name_key=key_of(options["name"]),
        ).first()
        if link is None:
            raise Wrong(f"Nobody is linked to {options['name']} at {connector}.")
        try:
            hand_links.unlink(link, actor=actor("unlink"))
        except CannotLink as error:
            raise Wrong(str(error), code=1) from error
        told = {"unlinked": {"entity": link.entity_name, "remote_id": link.remote_id}}
        if options["json"]:
            self.tell_json(told)
        else:
            self.tell(f"{link.entity_name} is not {link.remote_name} there any more")
