"""Leases jobs when told to: `python -m bench.claims`, one line in, the seconds out."""

from __future__ import annotations

import sys
import time

import django

BATCH = 256


def main() -> None:
    django.setup()
    from idp.models import OutboundConnector
    from provisioning.outbox import claiming

    connector = OutboundConnector.objects.select_related("provider").get()
    for _ in sys.stdin:
        start = time.perf_counter()
        claimed = claiming.claim(connector, BATCH)
        seconds = time.perf_counter() - start
        claiming.hand_back(claimed.token, [job.pk for job in claimed.jobs])
        sys.stdout.write(f"{seconds} {len(claimed.jobs)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
