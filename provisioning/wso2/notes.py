"""What became of everything the files say: nothing is passed over in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from provisioning.wso2.reading import Part

HIDDEN = "(secret)"
LONGEST = 120


class Became(StrEnum):
    TAKEN = "taken"
    TRANSLATED = "translated"
    BY_HAND = "by hand"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Note:
    """`subject` is whose field it is; `value` what the file says, never a secret; `ours` the
    key it became; `why` a sentence, always there unless it is simply taken."""

    file: str
    line: int
    subject: str
    what: str
    value: str
    result: Became
    ours: str = ""
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "of": self.subject,
            "field": self.what,
            "value": self.value,
            "result": str(self.result),
            "ours": self.ours,
            "why": self.why,
        }


@dataclass(slots=True)
class Notes:
    rows: list[Note] = field(default_factory=list)

    @property
    def counts(self) -> Counter[Became]:
        return Counter(row.result for row in self.rows)

    def of(self, result: Became) -> Iterator[Note]:
        return (row for row in self.rows if row.result is result)

    def on(self, subject: str) -> Pen:
        return Pen(self, subject)


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes the notes about one subject."""

    notes: Notes
    subject: str

    def taken(self, part: Part, ours: str, *, value: str | None = None) -> None:
        self._write(part, Became.TAKEN, ours, "", value)

    def translated(self, part: Part, ours: str, why: str, *, value: str | None = None) -> None:
        self._write(part, Became.TRANSLATED, ours, why, value)

    def by_hand(
        self, part: Part, why: str, *, ours: str = "", value: str | None = None
    ) -> None:
        self._write(part, Became.BY_HAND, ours, why, value)

    def left_out(self, part: Part, why: str, *, value: str | None = None) -> None:
        """Nothing is told of what says nothing."""
        if not part.is_empty:
            self._write(part, Became.LEFT_OUT, "", why, value)

    def _write(
        self, part: Part, result: Became, ours: str, why: str, value: str | None
    ) -> None:
        shown = _shown(part) if value is None else value
        self.notes.rows.append(
            Note(
                part.file,
                part.line,
                self.subject,
                _what(part),
                shown,
                result,
                ours,
                why,
            )
        )


def _what(part: Part) -> str:
    """The end of the path, or a property's own name."""
    if part.part("Value") and (name := part.said("Name")):
        return name
    return "/".join(part.path.split("/")[-2:])


def _shown(part: Part) -> str:
    if not part.parts:
        text = " ".join(part.text.split())
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return part.said("Value") if part.part("Value") else ""
