from __future__ import annotations

import sys
from typing import Any

from provisioning import rotation
from provisioning.management.base import Command as Base
from provisioning.management.progress import Progress


class Command(Base):
    help = "Encrypt every secret again with the first of PURVEYOR_SECRET_KEYS. Resumable."

    def work(self, **options: Any) -> bool:
        progress = Progress(sys.stderr, "Sealing again", rotation.count())
        tally = rotation.Tally()
        for tally in rotation.rotate():
            progress.at(tally.looked_at)
        progress.end()
        if options["json"]:
            self.tell_json(
                {
                    "looked_at": tally.looked_at,
                    "sealed_again": tally.sealed_again,
                    "unreadable": tally.unreadable,
                }
            )
        else:
            self.tell(f"{tally.sealed_again} of {tally.looked_at} secrets sealed again.")
        if tally.unreadable:
            self.say(
                f"{tally.unreadable} could not be opened: put the key they were sealed with "
                "back into PURVEYOR_SECRET_KEYS and run this again."
            )
            return False
        if not options["json"]:
            self.tell(
                "All are sealed with the first key. Once every process runs with it, "
                "the other keys may go."
            )
        return True
