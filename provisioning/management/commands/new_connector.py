from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from connectors import new_package
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong


class Command(Base):
    help = "Writes a package for a connector of your own: it works, and its tests pass."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", metavar="NAME", help="the connector's type, like acme")
        parser.add_argument(
            "--directory", default=".", metavar="DIR", help="where the folder NAME is made"
        )

    def work(self, **options: Any) -> None:
        try:
            folder = new_package.write(options["name"], Path(options["directory"]))
        except new_package.CannotWrite as error:
            raise Wrong(str(error)) from error
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))
        if options["json"]:
            self.tell_json({"name": options["name"], "folder": str(folder), "files": files})
        else:
            self.tell(f"{folder}: {len(files)} files. What next:")
            self.tell(f"  pip install --no-build-isolation {folder}")
            self.tell(f"  cd {folder} && PYTHONPATH={Path.cwd()} python -m pytest")
