from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress

import pytest

from connectors.errors import ConnectorIsWrong, RetryLater
from connectors.http import LARGEST_ANSWER, LEASE_MARGIN, Http, Rehearsed
from tests.fakes.server import FakeServer, Reply, Request


class RawServer:
    """Says the same bytes to each caller, then drips until the end of the `with` block.

    It reads nothing of a body; `gone` says that it has closed a connection.
    """

    def __init__(self, said: bytes, drip: bytes = b"", callers: int = 1) -> None:
        self._said = said
        self._drip = drip
        self._callers = callers
        self.gone = threading.Event()
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        for _ in range(self._callers):
            connection, _ = self._listener.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(self._said)
                while self._drip and not self._over.wait(0.05):
                    connection.sendall(self._drip)
            self.gone.set()

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._listener.close()


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


def test_a_connection_that_the_target_closed_is_not_written_to(http: Http) -> None:
    """It would look like a lost answer, though nothing was wrong."""
    closing = RawServer(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine", callers=2)
    with closing as url:
        http.request("POST", url, json={"a": 1})
        assert closing.gone.wait(5)

        assert http.request("POST", url, json={"a": 2}).text == "fine"


def test_a_target_that_says_close_is_called_anew(server: Echo, http: Http) -> None:
    server.reply = Reply(200, {"fine": True}, headers={"Connection": "close"})

    for _ in range(2):
        assert http.request("POST", server.url, json={"a": 1}).ok

    assert server.connections == 2


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
    for value in ("Bearer a\r\nX-Evil: 1", "Bearer a\n folded", "Bearer \u0142"):
        with pytest.raises(ConnectorIsWrong, match="header"):
            http.request("GET", server.url, headers={"Authorization": value})
    with pytest.raises(ConnectorIsWrong, match="header"):
        http.request("GET", server.url, headers={"X-A: 1\r\nX-B": "2"})

    assert server.log == []


def test_a_line_break_in_an_address_stays_in_it(server: Echo, http: Http) -> None:
    http.request("GET", server.url + "/a b\r\nX-Evil: 1\r\n\r\n/\u00fc?q=\u00df#part")

    assert server.log[0].headers.keys() == {"host", "user-agent", "accept", "accept-encoding"}
    assert server.log[0].target.startswith("/a%20b%0D%0AX-Evil")


def test_a_header_of_ours_takes_the_place_of_the_default(server: Echo, http: Http) -> None:
    http.request(
        "POST", server.url, headers={"accept": "text/x", "content-type": "x/y"}, body=b"1"
    )

    assert server.log[0].headers["accept"] == "text/x"
    assert server.log[0].headers["content-type"] == "x/y"


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


def test_an_answer_that_drips_is_given_up_in_time() -> None:
    """Each piece comes within the timeout, the whole answer does not."""
    with (
        RawServer(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", drip=b"x") as url,
        Http(allow_private=True, timeout=0.7) as http,
        pytest.raises(RetryLater) as raised,
    ):
        http.request("POST", url)

    assert raised.value.maybe_sent


def test_an_answer_in_chunks_is_read_as_one(http: Http) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with RawServer(head + b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n") as url:
        assert http.request("GET", url).text == "hello world"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_an_answer_that_makes_no_sense_is_maybe_sent(http: Http, said: bytes) -> None:
    with RawServer(said) as url, pytest.raises(RetryLater) as raised:
        http.request("POST", url)

    assert raised.value.maybe_sent


def test_an_answer_that_is_too_large_is_not_read(server: Echo, http: Http) -> None:
    server.reply = Reply(200, body=b"x" * (LARGEST_ANSWER + 1))

    with pytest.raises(RetryLater, match="too large"):
        http.request("GET", server.url)
    server.reply = Reply(200, body=b"fine")
    assert http.request("GET", server.url).text == "fine"


def test_an_answer_that_was_compressed_unasked_is_read(server: Echo, http: Http) -> None:
    for encoding, packed in (
        ("gzip", gzip.compress(b"fine")),
        ("deflate", zlib.compress(b"fine")),
    ):
        server.reply = Reply(200, body=packed, headers={"Content-Encoding": encoding})

        assert http.request("GET", server.url).text == "fine"


def test_a_small_answer_that_becomes_too_large_is_not_read(server: Echo, http: Http) -> None:
    bomb = gzip.compress(b"x" * (LARGEST_ANSWER + 1))
    server.reply = Reply(200, body=bomb, headers={"Content-Encoding": "gzip"})

    with pytest.raises(RetryLater, match="too large"):
        http.request("GET", server.url)


def test_a_target_may_refuse_before_it_has_read_everything(http: Http) -> None:
    refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
    with RawServer(refusal, drip=b" ") as url:
        assert http.request("POST", url, body=b"x" * 100_000).status == 413


# -- the lease --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "changes"), [("POST", None), ("DELETE", None), ("GET", True)]
)
def test_a_rehearsing_session_keeps_what_would_change_something(
    server: Echo, method: str, changes: bool | None
) -> None:
    with Http(allow_private=True, rehearses=True) as http:
        http.hide("s3cret-value")
        with pytest.raises(Rehearsed) as told:
            http.request(
                method,
                f"{server.url}/Users",
                headers={"X-Mine": "1"},
                json={"userName": "kim", "note": "s3cret-value"},
                changes=changes,
            )

    assert server.count_requests() == 0
    [kept] = http.exchanges
    assert told.value.exchange is kept
    assert (kept.rehearsed, kept.status, kept.method) == (True, 0, method)
    assert kept.request_headers["X-Mine"] == "1"
    assert kept.request_body == '{"userName":"kim","note":"***"}'


@pytest.mark.parametrize(("method", "changes"), [("GET", None), ("POST", False)])
def test_a_rehearsing_session_sends_what_only_reads(
    server: Echo, method: str, changes: bool | None
) -> None:
    with Http(allow_private=True, rehearses=True) as http:
        http.request(method, f"{server.url}/token", form={"a": "b"}, changes=changes)

    assert server.count_requests() == 1
    assert not http.exchanges[0].rehearsed
    assert "rehearsed" not in http.exchanges[0].document()


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
