from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import CommandParser

from idp.local_claims import table_of
from idp.models import Mode, Tenant
from provisioning import wake
from provisioning.configuration import ConfigurationError, Report, Result
from provisioning.explain import asking
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor, tenant_named
from provisioning.wso2 import bringing, telling
from provisioning.wso2.comparing import Comparison, compare
from provisioning.wso2.document import Document, build


class Command(Base):
    help = (
        "Take over the identity providers, service providers and policies of a WSO2 Identity "
        "Server from its files, and tell what became of each field."
    )
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path, metavar="DIR", help="of WSO2's files")
        parser.add_argument("--dry-run", action="store_true", help="tell, and do nothing")
        parser.add_argument(
            "--write", type=Path, metavar="FILE", help="write the configuration file there"
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="write the report there (.md or .json)"
        )
        parser.add_argument(
            "--mode", choices=Mode.values, default="", help="of connectors that are new"
        )
        parser.add_argument(
            "--person", default="", metavar="USER", help="compare for this user"
        )

    def work(self, **options: Any) -> bool:
        folder, tenant = options["folder"], tenant_named(options["tenant"])
        if not folder.is_dir():
            raise Wrong(f"{folder} is no folder.")
        _known(tenant, options["person"])
        document = build(folder, tenant.domain, table_of(tenant))
        if not document.files:
            raise Wrong(f"{folder} holds no identity-providers, service-providers or policies.")
        report, comparison = None, None
        if not document.problems:
            report, comparison = self._bring(document, tenant, options)
            if options["write"]:
                _write(options["write"], bringing.written(document, mode=options["mode"]))
        if options["report"]:
            _write(
                options["report"], self._report(options["report"], document, report, comparison)
            )
        self._tell(document, report, comparison, as_json=options["json"])
        if document.problems:
            raise Wrong("\n".join([*document.problems, "Nothing was done."]))
        for hint in _hint(document):
            self.say(f"{hint} Then import again.")
        return report is None or not report.counts[Result.REFUSED]

    def _bring(
        self, document: Document, tenant: Tenant, options: dict[str, Any]
    ) -> tuple[Report, Comparison]:
        named = {"actor": actor("import_wso2"), "mode": options["mode"]}
        try:
            if options["dry_run"]:
                return bringing.rehearse(
                    document, lambda: compare(document, tenant, options["person"]), **named
                )
            report = bringing.bring(document, **named)
            wake.wake()
            return report, compare(document, tenant, options["person"])
        except ConfigurationError as error:
            raise Wrong("\n".join([*error.problems, *_hint(document)])) from error

    def _report(
        self,
        file: Path,
        document: Document,
        report: Report | None,
        comparison: Comparison | None,
    ) -> str:
        if file.suffix.lower() != ".json":
            return telling.as_markdown(document, report, comparison)
        told = telling.as_json(document, report, comparison)
        return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n"

    def _tell(
        self,
        document: Document,
        report: Report | None,
        comparison: Comparison | None,
        *,
        as_json: bool,
    ) -> None:
        if as_json:
            self.tell_json(telling.as_json(document, report, comparison))
            return
        for line in telling.as_lines(document, report, comparison):
            self.tell(line)


def _known(tenant: Tenant, user: str) -> None:
    """Before anything is done."""
    try:
        if user:
            asking.subject_of(tenant, "user", user)
    except asking.NotKnown as error:
        raise Wrong(str(error)) from error


def _hint(document: Document) -> list[str]:
    variables = sorted(bringing.to_be_given(document))
    if not variables:
        return []
    return [f"To be given as environment variables: {', '.join(variables)}."]


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Wrong(f"{file}: {error.strerror}.") from error
