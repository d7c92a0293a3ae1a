from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from provisioning import pruning
from provisioning.management.base import Command as Base
from provisioning.management.base import positive
from provisioning.management.progress import Progress


class Command(Base):
    help = "Forget jobs that ended long ago, and expired tokens. Open and failed jobs stay."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--days", type=positive, default=90, metavar="N")

    def work(self, **options: Any) -> None:
        progress = Progress(
            sys.stderr, "Forgetting", pruning.finished_before(options["days"]).count()
        )
        gone = 0
        for gone in pruning.prune(options["days"]):
            progress.at(gone)
        progress.end()
        pruning.forget_tokens()
        if options["json"]:
            self.tell_json({"jobs": gone})
        else:
            self.tell(f"{gone} jobs forgotten that ended more than {options['days']} days ago.")
