"""Traces by OpenTelemetry: whether there are any, and where they go.

Nothing starts, and nothing of OpenTelemetry is imported, unless the standard variables ask
for it and the extra `otel` is installed. Everything else is theirs to say
(`OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`, …).
"""

from __future__ import annotations

import logging
from importlib.metadata import entry_points
from importlib.util import find_spec

import environ

from connectors import spans

log = logging.getLogger(__name__)
env = environ.Env()

NEEDED = (
    "opentelemetry.sdk",
    "opentelemetry.instrumentation.django",
    "opentelemetry.instrumentation.celery",
)
OTLP = "otlp_proto_http"
NAMES = {"otlp": OTLP}
"""What `OTEL_TRACES_EXPORTER` says, by the names exporters are installed under."""


def exporters() -> list[str]:
    """The exporters that the environment asks for, by the names they are installed under."""
    if env.str("OTEL_SDK_DISABLED", default="").lower() == "true":
        return []
    named = env.str("OTEL_TRACES_EXPORTER", default="").split(",")
    chosen = [name.strip() for name in named if name.strip()]
    if not chosen and (
        env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
        or env.str("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", default="")
    ):
        chosen = ["otlp"]
    return [NAMES.get(name, name) for name in chosen if name != "none"]


def prepare() -> None:
    """Have processes record once they say that they begin (`spans.start`)."""
    spans.install(start if exporters() else None)


def start() -> spans.Recorder | None:
    """A recorder for this process; None, and a line in the log, if it cannot be."""
    wanted = exporters()
    if objection := _objection(wanted):
        log.warning("no traces: %s", objection)
        return None
    # Needs the extra.
    from config import recorder

    return recorder.started(wanted)


def _objection(wanted: list[str]) -> str:
    if not all(_is_there(name) for name in NEEDED):
        return "OpenTelemetry is asked for by OTEL_ variables, but the extra otel is missing"
    protocol = env.str("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", default="") or env.str(
        "OTEL_EXPORTER_OTLP_PROTOCOL", default=""
    )
    if OTLP in wanted and protocol not in ("", "http/protobuf"):
        return f"OTLP goes out as http/protobuf here, and the protocol asked for is {protocol}"
    installed = {point.name for point in entry_points(group="opentelemetry_traces_exporter")}
    unknown = [name for name in wanted if name not in installed]
    return f"no exporter is installed for {', '.join(unknown)}" if unknown else ""


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
