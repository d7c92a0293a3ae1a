from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import CommandParser

from provisioning import hand_links
from provisioning.changes import Door
from provisioning.hand_links import Account, CannotLink
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor, tenant_named
from provisioning.models import Job


class Command(Base):
    help = (
        "Say which account at the target a failed or held job means; without an id, look up "
        "the accounts there are."
    )
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("job", type=uuid.UUID, metavar="JOB")
        parser.add_argument("remote_id", nargs="?", metavar="REMOTE_ID")
        parser.add_argument("--find", metavar="NAME", help="look for this name or id instead")

    def work(self, **options: Any) -> bool | None:
        tenant = tenant_named(options["tenant"])
        jobs = Job.objects.select_related("connector__provider", "tenant")
        job = jobs.filter(tenant=tenant, pk=options["job"]).first()
        if job is None or not hand_links.may_link(job):
            raise Wrong(f"There is no job {options['job']} that waits for an account.")
        try:
            if options["remote_id"]:
                link = hand_links.link(
                    job, options["remote_id"], actor=actor("link"), door=Door.CONSOLE
                )
                told = {"linked": {"remote_id": link.remote_id, "name": link.remote_name}}
                sentence = f"{job.entity_name} is {link.remote_name} there; the job goes on"
                self._tell(options, told, [sentence])
                return True
            wanted = options["find"] or job.found_name or job.remote_name
            found = hand_links.look_up(job, wanted)
        except CannotLink as error:
            raise Wrong(str(error), code=1) from error
        lines = [_line(one) for one in found] or [f"nobody there is called {wanted}"]
        self._tell(options, {"accounts": [_told(one) for one in found]}, lines)
        return bool(found)

    def _tell(self, options: dict[str, Any], told: Any, lines: list[str]) -> None:
        if options["json"]:
            self.tell_json(told)
        else:
            self.tell("\n".join(lines))


def _told(account: Account) -> dict[str, Any]:
    return {
        "remote_id": account.found.remote_id,
        "name": account.found.remote_name,
        "email": account.email,
        "active": account.found.active,
        "objection": account.objection,
        "remark": account.remark,
    }


def _line(account: Account) -> str:
    said = account.objection or account.remark
    parts = [account.found.remote_id, account.found.remote_name, account.email, said]
    return "  ".join(part for part in parts if part)
