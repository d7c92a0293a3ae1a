"""How every command ends, and what it says when it does not do what was asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from django.db import OperationalError

from provisioning import status
from provisioning.management.base import Command
from tests.provisioning.management.running import run

OURS = sorted(name for name, app in get_commands().items() if app == "provisioning")


@pytest.mark.parametrize("name", OURS)
def test_every_command_says_what_it_is_for_and_reports_as_json(name: str) -> None:
    command = load_command_class("provisioning", name)
    assert isinstance(command, Command)
    assert command.help

    options = command.create_parser("manage.py", name).format_help()
    assert ("--json" in options) is command.reports


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain"], "The following arguments are required: USER.\n"),
        (["prune", "--days", "0"], "Argument --days: invalid positive number value: '0'.\n"),
        (["status", "--nope"], "Unrecognized arguments: --nope.\n"),
        (["retry", "--job", "x"], "Argument --job: invalid UUID value: 'x'.\n"),
        (["explain", "kim", "--tenant", "nope"], "There is no tenant nope.\n"),
    ],
)
@pytest.mark.usefixtures("tenant")
def test_wrong_input_is_one_sentence_and_exit_2(arguments: list[str], said: str) -> None:
    ended = run(*arguments)

    assert (ended.code, ended.out, ended.err) == (2, "", said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "no such table: idp_tenant\nmore",
            "The database is not ready (no such table: idp_tenant): run `manage.py migrate`.\n",
        ),
        (
            "connection to server at 127.0.0.1 failed: Connection refused\n\tIs it running?",
            (
                "The database does not answer: connection to server at 127.0.0.1 failed: "
                "Connection refused.\n"
            ),
        ),
    ],
)
def test_a_database_that_does_not_answer_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    def fails(*_: Any) -> None:
        raise OperationalError(text)

    monkeypatch.setattr(status, "status", fails)

    ended = run("status")

    assert ended.code == 2
    assert ended.err == said


def test_an_unexpected_error_shows_no_traceback_unless_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(status, "status", fails)

    ended = run("status")

    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "Unexpected: ZeroDivisionError('oops')" in ended.err
    with pytest.raises(ZeroDivisionError):
        run("status", "--traceback")


def test_every_command_has_its_place_in_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/commands.md").read_text()

    assert [name for name in OURS if f"`{name}" not in page] == []
