from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import CommandParser

from provisioning import editing, edits
from provisioning.editing import CannotEdit
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor, tenant_named
from provisioning.models import Job


class Command(Base):
    help = (
        "Try a user's failed job again with other values, once; without any, tell what would "
        "be sent. An empty value takes an attribute away."
    )
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("job", type=uuid.UUID, metavar="JOB")
        parser.add_argument("values", nargs="*", metavar="ATTRIBUTE=VALUE")

    def work(self, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        jobs = Job.objects.select_related("connector__provider", "tenant")
        job = jobs.filter(tenant=tenant, pk=options["job"]).first()
        if job is None:
            raise Wrong(f"There is no job {options['job']} in {tenant.domain}.")
        try:
            draft = editing.draft(job)
            if not options["values"]:
                self._show(draft, json=options["json"])
                return
            changed = edits.of_form(draft.payload, _given(options["values"]), draft.dialect)
            editing.edit_and_retry(job, changed, actor=actor("edit_job"))
        except CannotEdit as error:
            raise Wrong(str(error), code=1) from error
        except ValueError as error:
            raise Wrong(f"{error}.") from error
        paths = [one.path for one in changed]
        if options["json"]:
            self.tell_json({"changed": paths})
        else:
            self.tell(f"queued again with {', '.join(paths)} changed")

    def _show(self, draft: editing.Draft, *, json: bool) -> None:
        if json:
            self.tell_json({"values": draft.values})
            return
        for path, value in draft.values.items():
            self.tell(f"{path}={edits.text_of(value)}")


def _given(texts: list[str]) -> dict[str, str]:
    given = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals or not path.strip():
            raise Wrong(f"“{text}” is no ATTRIBUTE=VALUE.")
        given[path.strip()] = value
    return given
