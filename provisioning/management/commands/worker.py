from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import CommandParser

from provisioning import worker
from provisioning.management.base import Command as Base
from provisioning.management.base import positive


class Command(Base):
    help = "Deliver changes until told to stop (TERM or INT), or until nothing is due."
    reports = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--once", action="store_true", help="end when nothing is due")
        parser.add_argument(
            "--threads", type=positive, metavar="N", help="deliveries at a time"
        )
        parser.add_argument("--wake-fd", type=int, metavar="FD", help="pipe of wake-ups")

    def work(self, **options: Any) -> None:
        stop = threading.Event()
        before = {
            number: signal.signal(number, lambda *_: stop.set())
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            worker.run(
                stop,
                wake_fd=options["wake_fd"],
                once=options["once"],
                threads=options["threads"],
            )
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
