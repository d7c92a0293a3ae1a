"""The Celery application: `celery -A config worker` delivers. Messages only wake workers.

Everything that matters is in the database. So every worker hears every wake-up, nothing is
kept while nobody listens, and no results, acknowledgements, events or schedules are needed.
"""

from __future__ import annotations

import logging
import os
import ssl
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery import Celery, signals
from celery.worker.consumer import Consumer
from django.conf import settings
from kombu import Exchange
from kombu.common import Broadcast

from provisioning import publishing

if not settings.CELERY_BROKER_URL:
    sys.stderr.write(
        "CELERY_BROKER_URL is not set: without a broker `manage.py worker` delivers.\n"
    )
    sys.exit(2)

TLS: dict[str, dict[str, Any]] = {
    "rediss": {"ssl_cert_reqs": ssl.CERT_REQUIRED},
    "amqps": {"cert_reqs": ssl.CERT_REQUIRED},
}

REFUSED = 2.0
"""Seconds until a broker is asked again that has refused something."""

scheme = settings.CELERY_BROKER_URL.partition(":")[0]
app = Celery("purveyor")
exchange = Exchange(publishing.EXCHANGE, type="fanout", durable=False)
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_use_ssl=TLS.get(scheme, False),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A broker that answers with a refusal would end the worker, and with it delivery.
    broker_channel_error_retry=True,
    broker_heartbeat=30,
    broker_transport_options=publishing.REDIS if scheme.startswith("redis") else {},
    imports=("provisioning.tasks",),
    # A queue of each worker's own that goes with it; a few wake-ups are as good as many.
    task_queues=[
        Broadcast(
            publishing.EXCHANGE,
            exchange=exchange,
            no_ack=True,
            expires=60.0,
            message_ttl=publishing.LIFE,
            max_length=100,
        )
    ],
    task_default_queue=publishing.EXCHANGE,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    # Tasks do nothing but set an event.
    worker_pool="threads",
    worker_concurrency=1,
    worker_consumer="config.celery:Listener",
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
)
app.steps["worker"].add("provisioning.tasks:Delivery")


class Listener(Consumer):
    """Workers need nothing of each other: no gossip, no mingling, no heartbeat messages."""

    def __init__(self, *args: Any, **options: Any) -> None:
        alone = dict.fromkeys(("without_gossip", "without_mingle", "without_heartbeat"), True)
        options["worker_options"] = {**(options.get("worker_options") or {}), **alone}
        super().__init__(*args, **options)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        super().on_connection_error_after_connected(exc)
        if isinstance(exc, self.channel_errors):  # type: ignore[attr-defined]
            # Refused, not lost: the next attempt would be refused at once as well.
            time.sleep(REFUSED)


@signals.celeryd_init.connect(weak=False)
def _without_banner(instance: Any = None, **_: Any) -> None:
    if instance is not None:
        instance.quiet = True


@signals.setup_logging.connect(weak=False)
def _keep_our_logging(loglevel: int | str | None = None, **_: Any) -> None:
    """Logs look and go as everywhere in Purveyor; `--loglevel` says how much Celery tells."""
    if loglevel is not None:
        logging.getLogger("celery").setLevel(loglevel)
