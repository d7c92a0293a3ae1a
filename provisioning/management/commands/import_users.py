from __future__ import annotations

from collections.abc import Iterable, Iterator

from provisioning.configuration.importing import Entry, Importing, Told, bring_users
from provisioning.entity_files.rows import Shape
from provisioning.entity_files.shapes import Users
from provisioning.management.importing import ImportCommand


class Command(ImportCommand):
    help = (
        "Make or update users from a file of CSV or JSON Lines. Columns: userName, password, "
        "groups (separated by ;) and claims, by URI or short name. An empty cell changes "
        "nothing; a password acts only on new users."
    )
    name = "import_users"

    def shape(self, importing: Importing) -> Shape:
        return Users(importing.table)

    def bring(self, importing: Importing, entries: Iterable[Entry]) -> Iterator[Told]:
        return bring_users(importing, entries)
