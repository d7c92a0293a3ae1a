from __future__ import annotations

from collections.abc import Iterable, Iterator

from provisioning.configuration.importing import Entry, Importing, Told
from provisioning.configuration.importing_groups import bring_groups
from provisioning.entity_files.rows import Shape
from provisioning.entity_files.shapes import Groups
from provisioning.management.importing import ImportCommand


class Command(ImportCommand):
    help = (
        "Make or update groups from a file of CSV or JSON Lines. Columns: name, externalId "
        "and members (user names, separated by ;), who are only added."
    )
    name = "import_groups"

    def shape(self, importing: Importing) -> Shape:
        return Groups()

    def bring(self, importing: Importing, entries: Iterable[Entry]) -> Iterator[Told]:
        return bring_groups(importing, entries)
