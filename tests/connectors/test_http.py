from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from connectors.errors import ConnectorIsWrong, RetryLater
from connectors.http import LARGEST_ANSWER, LEASE_MARGIN, Http
from tests.fakes.server import FakeServer, Reply, Request


class Echo(FakeServer):
    reply = Reply(200, {"fine": True})

    def respond(self, request: Request) -> Reply:
        return self.reply


@pytest.fixture
def server() -> Iterator[Echo]:
    with Echo() as server:
        yield server


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(allow_private=True, timeout=5) as http:
        yield http


def test_an_answer_is_returned_whatever_its_status(server: Echo, http: Http) -> None:
    server.fail_next(418, headers={"X-Kind": "tea"}, body=b"short and stout")

    answer = http.request("GET", server.url)

    assert (answer.status, answer.text, answer.ok) == (418, "short and stout", False)
    assert answer.headers["x-kind"] == "tea"


def test_every_request_says_who_we_are_and_nothing_else(server: Echo, http: Http) -> None:
    http.request("GET", server.url + "/a")

    assert server.log[0].headers.keys() == {"host", "user-agent", "accept", "accept-encoding"}
    assert server.log[0].headers["user-agent"].startswith("Purveyor")


def test_connections_are_kept_alive(server: Echo, http: Http) -> None:
    for _ in range(5):
        http.request("POST", server.url, json={"a": 1})

    assert server.connections == 1


def test_cookies_of_a_target_are_not_sent_back(server: Echo, http: Http) -> None:
    server.fail_next(200, headers={"Set-Cookie": "session=1; Path=/"})
    http.request("GET", server.url)
    http.request("GET", server.url)

    assert "cookie" not in server.log[1].headers


def test_environment_proxies_are_ignored(
    server: Echo, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")

    assert http.request("GET", server.url).ok


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_refused_in_words(server: Echo, http: Http, status: int) -> None:
    server.fail_next(status, headers={"Location": f"{server.url}/next?token=abc"})

    with pytest.raises(ConnectorIsWrong, match="final address") as raised:
        http.request("POST", server.url, json={})

    assert "abc" not in str(raised.value)
    assert server.count_requests() == 1


@pytest.mark.parametrize(
    "url",
    ["ftp://host/x", "file:///etc/passwd", "host/x", "http://", "http://[::1", "", "http:///x"],
)
def test_odd_addresses_are_refused(http: Http, url: str) -> None:
    with pytest.raises(ConnectorIsWrong):
        http.request("GET", url)


def test_credentials_in_an_address_are_refused_and_not_shown(http: Http) -> None:
    with pytest.raises(ConnectorIsWrong) as raised:
        http.request("GET", "http://kim:hush@127.0.0.1/")

    assert "hush" not in str(raised.value)
    assert http.exchanges == []


def test_a_header_with_a_line_break_is_refused(server: Echo, http: Http) -> None:
    with pytest.raises(ConnectorIsWrong, match="header"):
        http.request("GET", server.url, headers={"Authorization": "Bearer a\r\nX-Evil: 1"})

    assert server.log == []


# -- lost answers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "changes", "expected"),
    [
        ("GET", None, False),
        ("POST", None, True),
        ("PATCH", None, True),
        ("DELETE", None, True),
        ("POST", False, False),
    ],
)
def test_only_a_change_can_be_maybe_sent(
    server: Echo, http: Http, method: str, changes: bool | None, expected: bool
) -> None:
    server.drop_next()

    with pytest.raises(RetryLater, match="connection broke") as raised:
        http.request(method, server.url, changes=changes)

    assert raised.value.maybe_sent is expected


def test_a_silent_target_is_given_up_in_time(server: Echo) -> None:
    hang = server.hang_next()
    with Http(allow_private=True, timeout=0.3) as http:
        with pytest.raises(RetryLater, match="no complete answer") as raised:
            http.request("POST", server.url)
        hang.release()

    assert raised.value.maybe_sent
    assert http.exchanges[0].status == 0


def test_a_refused_connection_was_not_sent(server: Echo, http: Http) -> None:
    server.stop()

    with pytest.raises(RetryLater, match="refused") as raised:
        http.request("POST", server.url)

    assert not raised.value.maybe_sent


def test_an_unknown_name_was_not_sent(http: Http) -> None:
    with pytest.raises(RetryLater, match="cannot be resolved") as raised:
        http.request("POST", "http://nowhere.invalid/")

    assert not raised.value.maybe_sent


def test_an_answer_that_drips_is_given_up_in_time(http: Http) -> None:
    """Each piece comes within the timeout, the whole answer does not."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not over.wait(0.05):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        with (
            Http(allow_private=True, timeout=0.4) as impatient,
            pytest.raises(RetryLater) as raised,
        ):
            impatient.request("POST", f"http://127.0.0.1:{listener.getsockname()[1]}/")
        over.set()
        thread.join()

    assert raised.value.maybe_sent


def test_an_answer_that_is_too_large_is_not_read(server: Echo, http: Http) -> None:
    server.reply = Reply(200, body=b"x" * (LARGEST_ANSWER + 1))

    with pytest.raises(RetryLater, match="too large"):
        http.request("GET", server.url)
    server.reply = Reply(200, body=b"fine")
    assert http.request("GET", server.url).text == "fine"


# -- the lease --------------------------------------------------------------------------


def test_nothing_is_sent_when_the_lease_is_nearly_over(server: Echo) -> None:
    with (
        Http(allow_private=True, deadline=lambda: LEASE_MARGIN) as http,
        pytest.raises(RetryLater) as raised,
    ):
        http.request("POST", server.url)

    assert not raised.value.maybe_sent
    assert server.log == []


def test_no_answer_is_awaited_beyond_the_lease(server: Echo) -> None:
    hang = server.hang_next()
    with Http(allow_private=True, timeout=60, deadline=lambda: LEASE_MARGIN + 0.3) as http:
        with pytest.raises(RetryLater):
            http.request("POST", server.url)
        hang.release()

    assert http.exchanges[0].duration_ms < 5000


# -- what is written down -----------------------------------------------------------------


def test_exchanges_show_what_was_said_without_secrets(server: Echo, http: Http) -> None:
    http.hide("lasting-secret")
    http.hide("passing-secret", for_this_job=True)
    server.reply = Reply(200, {"echo": "passing-secret", "token": "t1"})

    http.request(
        "POST",
        server.url + "/a?api_key=k1&q=lasting-secret",
        headers={"Authorization": "Bearer b1"},
        json={"userName": "kim", "password": "p1"},
    )

    (exchange,) = http.exchanges
    shown = repr(exchange)
    assert not any(s in shown for s in ("lasting-s", "passing-s", "t1", "k1", "b1", "p1"))
    assert '"userName": "kim"' in exchange.request_body
    assert (exchange.method, exchange.status) == ("POST", 200)
    assert exchange.duration_ms >= 0
    assert server.log[0].json == {"userName": "kim", "password": "p1"}


def test_a_reset_forgets_the_exchanges_and_the_secrets_of_the_job(http: Http) -> None:
    http.hide("lasting-secret")
    http.hide("passing-secret", for_this_job=True)

    http.reset()

    assert http.exchanges == []
    assert http.redact("lasting-secret passing-secret") == "*** passing-secret"
