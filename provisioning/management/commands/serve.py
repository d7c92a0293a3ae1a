from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from provisioning import serving
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, positive


class Command(Base):
    help = "The production server: console and doors, and the worker that delivers."
    reports = False
    forks = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--bind", default=settings.PURVEYOR_BIND, metavar="HOST:PORT")
        parser.add_argument("--workers", type=positive, default=1, metavar="N")
        parser.add_argument(
            "--threads", type=positive, default=settings.PURVEYOR_WEB_THREADS, metavar="N"
        )
        parser.add_argument(
            "--no-worker", action="store_true", help="leave delivery to `manage.py worker`"
        )

    def work(self, **options: Any) -> None:
        listener = self.listen(options["bind"])
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise Wrong("The database is not migrated: run `manage.py migrate`.")
        url = self.url(listener)
        self.serve(listener, options, lambda: self.tell(f"Serving {url}"))

    def listen(self, bind: str) -> socket.socket:
        try:
            return serving.listen(bind)
        except serving.CannotListen as error:
            raise Wrong(str(error)) from error

    def url(self, listener: socket.socket) -> str:
        return f"http://{serving.address_of(listener)}/"

    def serve(
        self, listener: socket.socket, options: dict[str, Any], told: Callable[[], None]
    ) -> None:
        # Half of the request threads may wait for blocking targets: that is counted there.
        settings.PURVEYOR_WEB_THREADS = options["threads"]
        os.environ["PURVEYOR_WEB_THREADS"] = str(options["threads"])

        def ready() -> None:
            told()
            self.stdout.flush()

        serving.serve(
            listener,
            processes=options["workers"],
            threads=options["threads"],
            with_worker=not options["no_worker"],
            ready=ready,
        )
