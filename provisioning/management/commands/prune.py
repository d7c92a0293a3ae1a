from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from idp.models import Tenant
from provisioning import pruning
from provisioning.chain.forgetting import Broken
from provisioning.management.base import Command as Base
from provisioning.management.base import actor, positive
from provisioning.management.progress import Progress


class Command(Base):
    help = (
        "Forget jobs that ended long ago, the beginning of the audit trail, and expired "
        "tokens. Open and failed jobs stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--days",
            type=positive,
            default=settings.PURVEYOR_KEEP_JOBS_DAYS,
            metavar="N",
            help="keep jobs for so long (PURVEYOR_KEEP_JOBS_DAYS)",
        )
        parser.add_argument(
            "--audit-days",
            type=positive,
            default=settings.PURVEYOR_KEEP_AUDIT_DAYS,
            metavar="N",
            help="keep the audit trail for so long (PURVEYOR_KEEP_AUDIT_DAYS)",
        )

    def work(self, **options: Any) -> bool:
        jobs = self._jobs(options["days"]) if options["days"] else 0
        events, broken = self._events(options["audit_days"])
        pruning.forget_tokens()
        if options["json"]:
            self.tell_json({"jobs": jobs, "audit_events": events, "kept_as_evidence": broken})
        else:
            self.tell(f"{jobs} jobs and {events} events of the audit trail forgotten.")
        for domain, why in broken.items():
            self.say(f"The audit trail of {domain} is kept as evidence: {why}.")
        return not broken

    def _jobs(self, days: int) -> int:
        progress = Progress(sys.stderr, "Forgetting", pruning.finished_before(days).count())
        gone = 0
        for gone in pruning.prune(days):
            progress.at(gone)
        progress.end()
        return gone

    def _events(self, days: int) -> tuple[int, dict[str, str]]:
        """How many are gone, and of which tenants nothing more may go, and why."""
        gone, broken = 0, {}
        for tenant in Tenant.objects.order_by("domain") if days else ():
            parts = pruning.prune_audit(tenant, days, actor("prune"))
            try:
                gone += max(parts, default=0)
            except Broken as error:
                broken[tenant.domain] = str(error)
        return gone, broken
