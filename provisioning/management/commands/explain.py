from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from idp.models import Tenant
from provisioning.explain import Explanation, Target, asking
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, tenant_named


class Command(Base):
    help = "Why a user is, or is not, provisioned to each target. Sends nothing."
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", metavar="USER", help="kim, or STAFF/kim, or an id")
        parser.add_argument("--service-provider", metavar="N", help="resident unless given")
        parser.add_argument("--group", action="store_true", help="USER names a group")
        parser.add_argument("--idp", metavar="N", help="connectors of this identity provider")
        parser.add_argument("--connector", metavar="T", help="connectors of this type")
        parser.add_argument(
            "--at", metavar="WHEN", help="what was decided until this day or moment"
        )

    def work(self, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        try:
            told = _answer(tenant, options)
        except asking.NotKnown as error:
            named = f"--{error.field} {error}." if error.field == "at" else str(error)
            raise Wrong(named) from error
        if options["json"]:
            self.tell_json(told.as_json())
            return
        if not told.targets and told.at:
            self.tell(f"Nothing was decided about {told.name} until then.")
        elif not told.targets:
            self.tell(f"{told.service_provider} sends {told.type}s nowhere.")
        for target in told.targets:
            self._tell(target)

    def _tell(self, target: Target) -> None:
        where = f"{target.identity_provider}/{target.connector}"
        name = f" as {target.remote_name}" if target.remote_name else ""
        self.tell(f"{where}: {target.verdict}{name}: {target.reason}")
        self.tell(f"  {target.summary}")
        for gate in target.gates:
            self.tell(f"  {'yes' if gate.ok else 'no '}  {gate.gate}: {gate.reason}")
        for decision in target.decisions:
            when, by = f"{decision.at:%Y-%m-%d %H:%M:%S}", decision.actor
            through = f" by {decision.door}" if decision.door else ""
            self.tell(f"  {when}  {decision.verdict}: {decision.reason} ({by}{through})")


def _answer(tenant: Tenant, options: dict[str, Any]) -> Explanation:
    provider, type_of = options["idp"] or "", options["connector"] or ""
    only = asking.connectors_of(tenant, provider, type_of) if provider or type_of else None
    when = options["at"]
    return asking.answer(
        tenant,
        "group" if options["group"] else "user",
        options["user"],
        service_provider=options["service_provider"] or "",
        connectors=only,
        at=asking.moment(when, tenant.zone) if when else None,
    )
