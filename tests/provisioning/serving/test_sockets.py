from __future__ import annotations

import pytest

from provisioning.serving import CannotListen, address_of, listen
from tests.provisioning.management.running import run


def test_a_free_port_is_listened_at() -> None:
    with listen("127.0.0.1:0") as opened:
        port = opened.getsockname()[1]

        assert address_of(opened) == f"127.0.0.1:{port}"


def test_an_open_address_is_told_as_one_that_can_be_called() -> None:
    with listen("0.0.0.0:0") as opened:
        assert address_of(opened).startswith("127.0.0.1:")


@pytest.mark.parametrize("bind", ["8000", "here:", ":8000", "127.0.0.1:99999", "a b:1", ""])
def test_what_is_no_address_is_refused(bind: str) -> None:
    with pytest.raises(CannotListen, match="is no HOST:PORT to listen at"):
        listen(bind)


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_busy_port_is_one_sentence_and_exit_2(command: str) -> None:
    with listen("127.0.0.1:0") as opened:
        ended = run(command, "--bind", address_of(opened))

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert "is in use already" in ended.err
