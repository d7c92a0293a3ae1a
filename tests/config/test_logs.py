"""How lines look, and what is in none of them."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from structlog.contextvars import get_contextvars

from config import logs
from config.requests import Requests
from tests.log_lines import Lines


def fail() -> None:
    kims_mail = "kim@example.org"
    raise ValueError(f"no room for {len(kims_mail)} letters")


def test_ours_and_a_librarys_lines_are_alike(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.stdlib.get_logger("provisioning.x").info("delivered", job_id="j-1")
        logging.getLogger("provisioning.y").warning("%s times", 3, extra={"port": 5})

    ours, theirs = lines.events
    theirs.pop("message", None)  # left on the record by pytest's own formatter
    assert list(ours)[:3] == ["timestamp", "level", "event"]
    assert ours | {"timestamp": ""} == {
        "timestamp": "",
        "level": "info",
        "event": "delivered",
        "job_id": "j-1",
        "request_id": "r-1",
        "logger": "provisioning.x",
    }
    assert theirs | {"timestamp": ""} == {
        "timestamp": "",
        "level": "warning",
        "event": "3 times",
        "port": 5,
        "request_id": "r-1",
        "logger": "provisioning.y",
    }


@pytest.mark.parametrize("lines", ["json", "console"], indirect=True)
def test_an_error_shows_where_and_no_variables(lines: Lines) -> None:
    for logger in (
        structlog.stdlib.get_logger("provisioning.x"),
        logging.getLogger("provisioning.y"),
    ):
        try:
            fail()
        except ValueError:
            logger.exception("that broke")

    assert lines.text.count("ValueError: no room for 15 letters") == 2
    assert lines.text.count("in fail") == 2
    assert "kim@" not in lines.text.replace('kims_mail = "kim@example.org"', "")


def test_a_line_is_one_line_whatever_is_in_it(lines: Lines) -> None:
    structlog.stdlib.get_logger("provisioning.x").info("a\nb", why="c\r\nd", other=object())

    assert len(lines.text.splitlines()) == 1
    assert lines.events[0]["event"] == "a\nb"


@pytest.mark.parametrize(("format_name", "level"), [("yaml", "INFO"), ("json", "LOUD")])
def test_what_does_not_exist_is_refused(
    format_name: str, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        logs.configure(format_name, level)

    assert ended.value.code == 2
    assert "is none of" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given", ["4bf92f35-77b3-4da6", "Root=1-67891233-abcdef012345678912345678"]
)
def test_a_sane_request_id_is_kept(client: Client, given: str) -> None:
    assert client.get("/nowhere", HTTP_X_REQUEST_ID=given)["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 129, 'a"},{"level":"error', "äöüäöüäöü", "a b c d e"]
)
def test_any_other_request_id_is_replaced(client: Client, given: str) -> None:
    told = client.get("/nowhere", HTTP_X_REQUEST_ID=given)["X-Request-ID"]

    assert told != given
    assert len(told) == 32


def test_a_request_leaves_nothing_behind_for_the_next() -> None:
    seen: list[dict[str, Any]] = []

    def view(request: HttpRequest) -> HttpResponse:
        structlog.contextvars.bind_contextvars(actor="kim")
        seen.append(get_contextvars())
        return HttpResponse()

    Requests(view)(RequestFactory().get("/scim2/Users?filter=userName+eq+%22kim%22"))

    assert (seen[0]["method"], seen[0]["path"]) == ("GET", "/scim2/Users")
    assert get_contextvars() == {}
