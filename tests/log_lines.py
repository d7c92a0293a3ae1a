"""What is logged, as it would be written."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from config import logs


class Lines:
    def __init__(self, format_name: str) -> None:
        self.stream = io.StringIO()
        configured = logs.configure(format_name, "INFO")
        options = dict(configured["formatters"]["line"])
        self.output = logging.StreamHandler(self.stream)
        self.output.setFormatter(options.pop("()")(**options))

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@contextmanager
def caught(format_name: str) -> Iterator[Lines]:
    """Everything of ours, however chatty, meanwhile."""
    lines = Lines(format_name)
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in logs.OURS}
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.addHandler(lines.output)
    yield lines
    root.removeHandler(lines.output)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
