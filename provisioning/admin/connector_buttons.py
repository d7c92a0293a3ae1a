"""What can be done to a connector beside changing its form: each is a method of its admin."""

from __future__ import annotations

from idp.console.buttons import Button
from idp.models import Mode, OutboundConnector


def _in_service(row: OutboundConnector) -> bool:
    return row.retired_at is None


BUTTONS = (
    Button(
        "pause",
        "Pause",
        "pause",
        "pause",
        shown=lambda row: _in_service(row) and row.mode == Mode.ACTIVE,
    ),
    Button(
        "resume",
        "Resume",
        "resume",
        "play_arrow",
        shown=lambda row: _in_service(row) and row.mode == Mode.PAUSED,
    ),
    Button(
        "activate",
        "End the dry run",
        "resume",
        "play_arrow",
        shown=lambda row: _in_service(row) and row.mode == Mode.DRY_RUN,
        confirm="Everything that was only rehearsed is planned again and sent.",
    ),
    Button(
        "retire",
        "Retire",
        "retire",
        "inventory_2",
        danger=True,
        shown=_in_service,
        confirm="Nothing new will be sent through this connector. Accounts that exist at "
        "the target stay there, and the history stays here.",
    ),
    Button(
        "restore",
        "Take back into service",
        "restore",
        "undo",
        shown=lambda row: not _in_service(row),
    ),
)
