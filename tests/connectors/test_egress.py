from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorIsWrong, RetryLater
from connectors.http import Http
from tests.fakes.certificates import issue
from tests.fakes.server import FakeServer, Reply, Request


class Echo(FakeServer):
    def respond(self, request: Request) -> Reply:
        return Reply(200, {"host": request.headers["host"]})


@pytest.fixture
def server() -> Iterator[Echo]:
    with Echo() as server:
        yield server


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1"]
)
def test_inside_addresses_are_not_called_however_they_are_written(
    server: Echo, host: str
) -> None:
    with Http() as http, pytest.raises(ConnectorIsWrong, match="is not called because"):
        http.request("GET", f"http://{host}:{server.port}/")

    assert server.log == []


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[::ffff:169.254.169.254]", "0.1.2.3", "[ff02::1]", "224.0.0.1"]
)
def test_metadata_and_multicast_are_refused_even_where_private_targets_are_allowed(
    host: str,
) -> None:
    with Http(allow_private=True) as http, pytest.raises(ConnectorIsWrong):
        http.request("GET", f"http://{host}/latest/meta-data/")


def test_one_inside_address_among_others_refuses_the_name(
    server: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, "target.example", ["93.184.215.14", "127.0.0.1"])

    with Http() as http, pytest.raises(ConnectorIsWrong, match="a loopback address"):
        http.request("GET", f"http://target.example:{server.port}/")


def test_the_address_that_was_checked_is_the_one_that_is_called(
    server: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolve(monkeypatch, "target.example", ["127.0.0.1"])

    with Http(allow_private=True) as http:
        answer = http.request("GET", f"http://target.example:{server.port}/")

    assert answer.json() == {"host": f"target.example:{server.port}"}
    assert asked == ["target.example"]


def test_the_next_address_is_tried_when_one_does_not_listen(
    server: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, "target.example", ["127.0.0.2", "127.0.0.1"])

    with Http(allow_private=True) as http:
        assert http.request("GET", f"http://target.example:{server.port}/").ok


# -- TLS --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return issue("target.example", tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(authority: tuple[Path, Path]) -> Iterator[tuple[Echo, list[str]]]:
    names: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority[1])
    context.sni_callback = lambda _, name, __: names.append(name)
    with Echo(tls=context) as server:
        yield server, names


def test_the_name_is_sent_and_verified_though_an_address_is_called(
    secure: tuple[Echo, list[str]],
    authority: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, names = secure
    resolve(monkeypatch, "target.example", ["127.0.0.1"])

    with Http(allow_private=True, ca_bundle=str(authority[0])) as http:
        assert http.request("GET", f"https://target.example:{server.port}/").ok

    assert names == ["target.example"]


def test_a_certificate_for_another_name_is_refused(
    secure: tuple[Echo, list[str]],
    authority: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, _ = secure
    resolve(monkeypatch, "other.example", ["127.0.0.1"])

    with (
        Http(allow_private=True, ca_bundle=str(authority[0])) as http,
        pytest.raises(ConnectorIsWrong, match=r"certificate of other\.example"),
    ):
        http.request("POST", f"https://other.example:{server.port}/")

    assert server.log == []


def test_a_certificate_nobody_vouches_for_is_refused(
    secure: tuple[Echo, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, "target.example", ["127.0.0.1"])

    with (
        Http(allow_private=True) as http,
        pytest.raises(ConnectorIsWrong, match="cannot be trusted"),
    ):
        http.request("POST", f"https://target.example:{secure[0].port}/")


def test_a_server_that_speaks_no_tls_is_tried_again_later(server: Echo) -> None:
    with (
        Http(allow_private=True, timeout=5) as http,
        pytest.raises(RetryLater) as raised,
    ):
        http.request("POST", f"https://127.0.0.1:{server.port}/")

    assert not raised.value.maybe_sent


def resolve(monkeypatch: pytest.MonkeyPatch, name: str, addresses: list[str]) -> list[str]:
    """Answer for `name` once with these addresses, ever after with one that leads astray."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != name:
            return real(host, port, *args, **kwargs)
        asked.append(host)
        found = addresses if len(asked) == 1 else ["169.254.169.254"]
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked
