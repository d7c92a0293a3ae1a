"""How log lines look: one line per event, from us and from every library alike.

`json` is for machines that collect logs, `console` for people; `auto` takes the second
when stderr is a terminal. What a line is about (request, change, tenant) is bound by
`structlog.contextvars` where it becomes known.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_logger_name
from structlog.typing import EventDict, Processor, WrappedLogger

from connectors import spans

FORMATS = ("auto", "console", "json")
OURS = ("config", "provisioning", "connectors", "idp", "serviceproviders")


def configure(format_name: str, level: str) -> dict[str, Any]:
    """Configure structlog; answers the dictionary for Django's `LOGGING`.

    A format or level that does not exist ends the process with a sentence.
    """
    level = level.upper()
    _check(format_name, level)
    if format_name == "auto":
        format_name = "console" if sys.stderr.isatty() else "json"
    always: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_trace,
        structlog.stdlib.add_log_level,
        add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *always,
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    console = format_name == "console"
    line = {
        "()": ProcessorFormatter if console else JsonLines,
        "processors": _console() if console else _json(),
        "foreign_pre_chain": [*always, ExtraAdder()],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {name: {"level": level} for name in OURS},
    }


def _with_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Where the line belongs among traces, unless it says so itself."""
    for name, value in spans.ids().items():
        event.setdefault(name, value)
    return event


class JsonLines(ProcessorFormatter):
    """Without the copy of the record that only a chain of formatters needs: a third less
    for a line, of which every delivery writes one."""

    def format(self, record: logging.LogRecord) -> str:
        event = record.msg
        if isinstance(event, dict) and "exc_info" not in event:
            return _as_json(None, "", event.copy())
        return super().format(record)


def _console() -> list[Processor]:
    # Without the plain one, tracebacks show local variables where `rich` is installed, and
    # those are people's data.
    return [
        ProcessorFormatter.remove_processors_meta,
        ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain_traceback),
    ]


def _json() -> list[Processor]:
    return [
        ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _as_json,
    ]


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    first = {name: event.pop(name, None) for name in ("timestamp", "level", "event")}
    told = {**first, **event}
    return orjson.dumps(told, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _check(format_name: str, level: str) -> None:
    levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    for name, value, known in (
        ("PURVEYOR_LOG_FORMAT", format_name, FORMATS),
        ("PURVEYOR_LOG_LEVEL", level, levels),
    ):
        if value not in known:
            sys.stderr.write(f"{name}: {value!r} is none of {', '.join(known)}.\n")
            sys.exit(2)
