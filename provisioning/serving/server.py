from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.utils.module_loading import import_string
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from connectors import spans
from provisioning.serving import shared_counts
from provisioning.serving.child import WorkerChild
from provisioning.serving.ticking import Ticking


def serve(
    listener: socket.socket,
    *,
    processes: int,
    threads: int,
    with_worker: bool,
    ready: Callable[[], None],
) -> None:
    """Serve until told to stop (TERM, INT, QUIT); leaves the process.

    `ready` is called once requests are taken. The worker child starts after that, and
    before the web server has threads. With a broker Celery's workers deliver instead, and
    ticks run here as well, so that they do not wait for workers.
    """
    # A connection must not be shared with the processes to come.
    connections.close_all()
    if processes > 1:
        shared_counts.share()
    ticking = Ticking()
    options: dict[str, Any] = {
        # gunicorn makes a socket of its own of it, and closes it.
        "bind": f"fd://{listener.detach()}",
        "workers": processes,
        "worker_class": "gthread",
        "threads": threads,
        "timeout": 120,
        "graceful_timeout": 30,
        "loglevel": "warning",
        "proc_name": "purveyor",
        "control_socket_disable": True,
        "when_ready": lambda _arbiter: ready(),
        "worker_exit": lambda _arbiter, _process: _last_things(ticking),
    }
    if settings.CELERY_BROKER_URL:
        # Once, before there are processes and requests that would wait for it.
        import_string(settings.CELERY_APP)
        options["post_worker_init"] = lambda _process: ticking.start()
    child = WorkerChild() if with_worker and not settings.CELERY_BROKER_URL else None
    _Arbiter(_Application(options), child).run()


def _last_things(ticking: Ticking) -> None:
    """In a web process that ends."""
    ticking.stop()
    spans.stop()


class _Application(BaseApplication):
    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """In each web process, after the fork and before the middleware is made."""
        spans.start()
        return get_wsgi_application()


class _Arbiter(Arbiter):
    """gunicorn's master, which looks after one more child."""

    def __init__(self, application: BaseApplication, child: WorkerChild | None) -> None:
        self.child = child
        super().__init__(application)

    def manage_workers(self) -> None:
        if self.child is not None:
            self.child.keep()
        super().manage_workers()

    def stop(self, graceful: bool = True) -> None:
        if self.child is not None:
            self.child.ask_to_stop()
        super().stop(graceful)
        if self.child is not None:
            self.child.wait()
