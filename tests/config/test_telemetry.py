"""Whether there are traces is said by the standard variables, and by what is installed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config import telemetry
from connectors import spans

ROOT = Path(__file__).parents[2]
SEVERAL = {"OTEL_TRACES_EXPORTER": "console, otlp"}
ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
OF_TRACES = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}


@pytest.fixture(autouse=True)
def _nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("said", "exporters"),
    [
        ({}, []),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, []),
        (ENDPOINT, ["otlp_proto_http"]),
        (OF_TRACES, ["otlp_proto_http"]),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ["otlp_proto_http"]),
        (SEVERAL, ["console", "otlp_proto_http"]),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, []),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "true"}, []),
    ],
)
def test_who_gets_spans(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], exporters: list[str]
) -> None:
    for name, value in said.items():
        monkeypatch.setenv(name, value)

    assert telemetry.exporters() == exporters


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: what is imported stays, and a provider is set once."""
    keys = {name: os.environ[name] for name in ("SECRET_KEY", "PURVEYOR_SECRET_KEYS", "PATH")}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**keys, "DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


START = """
import sys
{before}
import django
django.setup()
from connectors import spans
spans.start()
print(spans.recording(), any(name.startswith("opentelemetry.sdk") for name in sys.modules))
spans.stop()
"""


def test_nothing_of_it_is_imported_unless_it_is_asked_for() -> None:
    done = run(START.format(before=""))

    assert (done.stdout, done.stderr) == ("False False\n", "")


def test_it_records_where_it_is_asked_for() -> None:
    done = run(START.format(before=""), OTEL_TRACES_EXPORTER="console")

    assert (done.stdout, done.stderr) == ("True True\n", "")


def test_a_dead_collector_is_told_once_and_not_waited_for() -> None:
    work = "print(len([spans.span('work').__enter__() for _ in range(2000)]))\nspans.stop()"
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"
        done = run(
            START.format(before="").replace("spans.stop()", work),
            OTEL_EXPORTER_OTLP_ENDPOINT=url,
            OTEL_EXPORTER_OTLP_TIMEOUT="1",
        )

    assert (done.returncode, done.stdout) == (0, "True True\n2000\n")
    assert len(done.stderr.splitlines()) <= 1


@pytest.mark.parametrize(
    ("before", "said", "because"),
    [
        ("sys.modules['opentelemetry.sdk'] = None", ENDPOINT, "the extra otel is missing"),
        ("sys.modules['opentelemetry'] = None", ENDPOINT, "the extra otel is missing"),
        ("", {**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "asked for is grpc"),
        ("", {"OTEL_TRACES_EXPORTER": "zipkin"}, "no exporter is installed for zipkin"),
    ],
)
def test_what_cannot_be_is_a_line_in_the_log_and_no_more(
    before: str, said: dict[str, str], because: str
) -> None:
    done = run(START.format(before=before), **said)

    assert (done.returncode, done.stdout.split()[0]) == (0, "False")
    assert because in done.stderr


def test_nobody_records_in_this_process() -> None:
    spans.start()

    assert not spans.recording()
