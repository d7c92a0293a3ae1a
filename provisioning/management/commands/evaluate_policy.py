from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong
from provisioning.management.deciding import Case, cases, why
from provisioning.management.progress import Progress
from provisioning.rules import PolicyRefused, RequestRefused


class Command(Base):
    help = "Asks the policy decision point for its XACML 3.0 Response, from files."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("policy", nargs="?", type=Path, metavar="POLICY.xml")
        parser.add_argument("request", nargs="?", type=Path, metavar="REQUEST.xml")
        parser.add_argument(
            "--repository", type=Path, metavar="DIR", help="policies that references may name"
        )
        parser.add_argument(
            "--batch",
            type=Path,
            metavar="DIR",
            help="every folder in DIR: Policy.xml, Request.xml, repository/",
        )
        parser.add_argument("--out", type=Path, metavar="OUT", help="answers of --batch")

    def work(self, **options: Any) -> None:
        if options["batch"]:
            self._batch(**options)
            return
        if not options["policy"] or not options["request"]:
            raise Wrong("Give a policy and a request, or --batch DIR --out OUT.")
        if options["repository"] and not options["repository"].is_dir():
            raise Wrong(f"{options['repository']} is no folder.")
        case = Case("", options["policy"], options["request"], options["repository"])
        try:
            answer = case.answer().decode()
        except OSError as error:
            raise Wrong(why(error)) from error
        except (PolicyRefused, RequestRefused) as error:
            raise Wrong(why(error), code=1) from error
        if options["json"]:
            self.tell_json({"response": answer})
        else:
            self.tell(answer.rstrip())

    def _batch(self, **options: Any) -> None:
        folder, out = options["batch"], options["out"]
        if options["policy"] or options["repository"] or out is None:
            raise Wrong("--batch DIR takes --out OUT, and nothing else.")
        if not folder.is_dir():
            raise Wrong(f"{folder} is no folder.")
        out.mkdir(parents=True, exist_ok=True)
        found = list(cases(folder))
        done = {"answered": 0, "refused": 0}
        for case in Progress(sys.stderr, "Deciding", len(found)).over(found):
            done["answered" if answered(case, out) else "refused"] += 1
        if options["json"]:
            self.tell_json(done)
        else:
            self.tell(f"{done['answered']} answered, {done['refused']} refused.")


def answered(case: Case, out: Path) -> bool:
    """Write the answer, or why there is none. One case never ends the others."""
    answer, refused = out / f"{case.name}.xml", out / f"{case.name}.error"
    try:
        answer.write_bytes(case.answer())
    except Exception as error:  # noqa: BLE001 - the other cases go on
        answer.unlink(missing_ok=True)
        refused.write_text(why(error) + "\n")
        return False
    refused.unlink(missing_ok=True)
    return True
