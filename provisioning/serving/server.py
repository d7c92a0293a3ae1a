from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connections
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from provisioning.serving.child import WorkerChild


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
    before the web server has threads.
    """
    # A connection must not be shared with the processes to come.
    connections.close_all()
    options = {
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
    }
    child = WorkerChild() if with_worker else None
    _Arbiter(_Application(options), child).run()


class _Application(BaseApplication):
    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
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
