"""What applying a file did, entry by entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from idp.models import Tenant
from provisioning import audit


class Result(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    RETIRED = "retired"
    DELETED = "deleted"
    REFUSED = "refused"


ALWAYS_TOLD = (Result.CREATED, Result.CHANGED, Result.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` and `name` say which entry; `fields` which of its keys changed, or the reason."""

    kind: str
    tenant: str
    name: str
    result: Result
    fields: Sequence[str] = ()

    def __str__(self) -> str:
        what = f"{self.kind} {self.name}" if self.name else self.kind
        told = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.result:9} {self.tenant}: {what}{told}"


@dataclass(slots=True)
class Report:
    dry_run: bool = False
    lines: list[Line] = field(default_factory=list)

    @property
    def counts(self) -> Counter[Result]:
        return Counter(line.result for line in self.lines)

    @property
    def summary(self) -> str:
        told = [r for r in Result if r in ALWAYS_TOLD or self.counts[r]]
        text = ", ".join(f"{self.counts[result]} {result}" for result in told)
        return f"{text} (dry run: nothing was done)" if self.dry_run else text

    def as_json(self) -> dict[str, Any]:
        return {
            **{str(result): self.counts[result] for result in Result},
            "dry_run": self.dry_run,
            "items": [
                {
                    "type": line.kind,
                    "tenant": line.tenant,
                    "name": line.name,
                    "result": str(line.result),
                    "fields": list(line.fields),
                }
                for line in self.lines
            ],
        }


@dataclass(slots=True)
class Applying:
    """One run: who applies, and what has come of it so far."""

    actor: str
    report: Report
    door: str = ""

    def note(
        self,
        kind: str,
        tenant: Tenant,
        name: str,
        result: Result,
        *,
        subject: object = "",
        fields: Iterable[str] = (),
    ) -> None:
        """Tell it in the report and, unless nothing changed, in the audit trail."""
        changed = sorted(fields) if result is Result.CHANGED else []
        self.report.lines.append(Line(kind, tenant.domain, name, result, changed))
        if result in (Result.UNCHANGED, Result.REFUSED):
            return
        audit.record(
            tenant=tenant,
            actor=self.actor,
            action=f"{kind.replace(' ', '_')}.{result}",
            subject_type=kind,
            subject_id=subject,
            subject_name=name or tenant.domain,
            door=self.door,
            detail={"fields": changed} if changed else {},
        )
