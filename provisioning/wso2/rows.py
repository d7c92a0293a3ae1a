"""Whether the rows of service providers lead anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from provisioning.wso2.notes import Became, Note, Notes

Entry = dict[str, Any]

_NOWHERE = (
    "there is no such connector among the identity providers read: it may be in WSO2's "
    "database; export it, and import again"
)


def checked_rows(services: Sequence[Entry], providers: Sequence[Entry], notes: Notes) -> None:
    """Take out the rows that lead to no connector that was read, and say so."""
    known = {
        (one["name"], connector["type"])
        for one in providers
        for connector in one.get("connectors", ())
    }
    for service in services:
        rows = service.get("outbound", [])
        kept = [row for row in rows if (row["identity_provider"], row["connector"]) in known]
        for row in rows:
            if row not in kept:
                notes.rows.append(_lost(service, row, notes))
        if rows:
            service["outbound"] = kept


def _lost(service: Entry, row: Entry, notes: Notes) -> Note:
    """Where the row stands, from the note that was made when it was read."""
    told = f"{row['identity_provider']}/"
    name = service["name"]
    subject = "wso2carbon-local-sp" if name == "resident" else name
    of = f"service provider {subject}"
    first = next(one for one in notes.rows if one.subject == of and one.value.startswith(told))
    value = f"{told}{row['connector']}"
    return Note(
        first.file, first.line, of, "outbound row", value, Became.BY_HAND, "outbound", _NOWHERE
    )
