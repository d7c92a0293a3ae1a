from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import CommandParser
from django.core.management.commands import check as theirs

from connectors import ConnectorError, Finding
from idp.models import OutboundConnector
from provisioning import targets
from provisioning.management.base import Command as Base
from provisioning.management.base import connector_named, tenant_named


class Command(Base, theirs.Command):
    help = (
        "With IDP and CONNECTOR: test the connection and say what is wrong, in words. "
        "Without: Django's checks of the whole project (--deploy: of its settings, too)."
    )
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        theirs.Command.add_arguments(self, parser)
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        labels = {config.label for config in apps.get_app_configs()}
        if len(args) == 2 and args[0] not in labels:
            super().handle(named=args, **options)
        else:
            theirs.Command.handle(self, *args, **options)

    def work(self, **options: Any) -> bool:
        tenant = tenant_named(options["tenant"])
        findings = _findings(connector_named(tenant, *options["named"]))
        ok = all(finding.ok for finding in findings)
        if options["json"]:
            told = [{"ok": finding.ok, "what": finding.what} for finding in findings]
            self.tell_json({"ok": ok, "findings": told})
        else:
            for finding in findings:
                self.tell(f"{'ok ' if finding.ok else 'NOT'}  {finding.what}")
        return ok


def _findings(connector: OutboundConnector) -> list[Finding]:
    try:
        return targets.open_connector(connector).check()
    except ConnectorError as error:
        return [Finding(False, str(error))]
