from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from connectors import EntityType
from idp.models import Tenant, User, UserStore, key_of, split_name
from provisioning import passing, subjects
from provisioning.explain import explain_subject
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, tenant_named
from provisioning.subjects import Subject
from serviceproviders.models import RESIDENT, ServiceProvider


class Command(Base):
    help = "Why a user is, or is not, provisioned to each target. Sends nothing."
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", metavar="USER", help="kim, or STAFF/kim")
        parser.add_argument("--service-provider", default="resident", metavar="N")

    def work(self, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        service_provider = _service_provider(tenant, options["service_provider"])
        subject = _subject(tenant, options["user"], service_provider)
        told = explain_subject(subject, service_provider)
        if options["json"]:
            self.tell_json(told)
            return
        if not told["targets"]:
            self.tell(f"{told['service_provider']} sends users nowhere.")
        for target in told["targets"]:
            self._tell(target)

    def _tell(self, target: dict[str, Any]) -> None:
        where = f"{target['identity_provider']}/{target['connector']}"
        name = f" as {target['remote_name']}" if target["remote_name"] else ""
        self.tell(f"{where}: {target['verdict']}{name}: {target['reason']}")
        for gate in target["gates"]:
            self.tell(f"  {'yes' if gate['ok'] else 'no '}  {gate['gate']}: {gate['reason']}")


def _subject(tenant: Tenant, name: str, service_provider: ServiceProvider) -> Subject:
    """The user of that name: one whom the service provider sends onward, or a stored one."""
    domains = set(UserStore.objects.filter(tenant=tenant).values_list("domain", flat=True))
    domain, bare = split_name(name, domains)
    sent = passing.named(service_provider, EntityType.USER, domain, [key_of(bare)])
    if sent:
        return subjects.of_passing(sent[0])
    found = User.objects.select_related("store", "tenant").filter(
        store__tenant=tenant, store__domain=domain, username_key=key_of(bare)
    )
    if user := found.first():
        return subjects.of_user(user)
    raise Wrong(f"There is no user {name} in the tenant {tenant.domain}.")


def _service_provider(tenant: Tenant, name: str) -> ServiceProvider:
    name = RESIDENT if name == "resident" else name
    found = ServiceProvider.objects.select_related("tenant").filter(tenant=tenant, name=name)
    if service_provider := found.first():
        return service_provider
    raise Wrong(f"There is no service provider {name} in the tenant {tenant.domain}.")
