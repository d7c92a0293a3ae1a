"""The windows of the deletion guard: what has gone lately, of how many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors import EntityType
from idp.models import OutboundConnector
from provisioning.models import AcceptedMember, GuardWindow, LinkState, ProvisionedEntity


@dataclass(frozen=True, slots=True)
class Event:
    """Something the guard counts: so many of what."""

    of: str
    many: int
    least: int = 0
    """Below so many in a window the percentage says nothing."""


class Windows:
    """The windows of one connector, read and written while its row is locked."""

    def __init__(self, connector: OutboundConnector, now: datetime) -> None:
        self.connector = connector
        self.now = now
        self.ends = now - timedelta(minutes=connector.guard_window_minutes)
        self._known: dict[str, GuardWindow] = {}

    def open(self, names: Iterable[str]) -> None:
        """Those that are not over, read in one query; new ones for the others."""
        wanted = set(names)
        if not wanted:
            return
        for row in GuardWindow.objects.filter(connector=self.connector, of__in=wanted):
            self._known[row.of] = row
        for name in wanted:
            row = self._known.get(name) or GuardWindow(connector=self.connector, of=name)
            if row._state.adding or row.began <= self.ends:
                row.began, row.counted = self.now, 0
                row.base = _base(self.connector, name)
            self._known[name] = row

    def add(self, event: Event) -> str:
        """Count it, or say why it is too many."""
        window = self._known[event.of]
        limit = self._limit_beyond(window.counted + event.many, window.base, event.least)
        if not limit:
            window.counted += event.many
            return ""
        what = event.of.partition("/")[0]
        return (
            f"deletion guard: {window.counted} of {window.base} {what} have gone within "
            f"{self.connector.guard_window_minutes} minutes, and {event.many} more would be "
            f"above the limit of {limit}"
        )

    def _limit_beyond(self, after: int, base: int, least: int) -> str:
        most, percent = self.connector.guard_max_count, self.connector.guard_max_percent
        if most and after > most:
            return f"{most}"
        if percent and after >= least and after * 100 > base * percent:
            return f"{percent} %"
        return ""

    def save(self) -> None:
        for window in self._known.values():
            window.save()


def _base(connector: OutboundConnector, of: str) -> int:
    kind, _, group_id = of.partition("/")
    links = ProvisionedEntity.objects.filter(connector=connector, state=LinkState.LINKED)
    if kind == "members":
        groups = links.filter(entity_type=EntityType.GROUP, entity_id=group_id)
        return AcceptedMember.objects.filter(group__in=groups).count()
    return links.filter(entity_type=kind.removesuffix("s"), active=True).count()
