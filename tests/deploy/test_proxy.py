"""The proxy examples set what the settings rely on."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from tests.deploy.reading import DEPLOY
from tests.fakes.certificates import issue

NGINX = (DEPLOY / "proxy" / "nginx.conf").read_text()
CADDY = (DEPLOY / "proxy" / "Caddyfile").read_text()
LONGEST_ANSWER = 30
MEGA = 1_000_000


def headers() -> dict[str, str]:
    return dict(re.findall(r"^ +proxy_set_header (\S+) (\S+);$", NGINX, re.MULTILINE))


def test_nginx_says_who_called_and_how_and_lets_no_client_say_it() -> None:
    assert headers()["Host"] == "$host"
    assert headers()["X-Forwarded-For"] == "$remote_addr"
    assert headers()["X-Forwarded-Proto"] == "$scheme"
    assert headers()["X-Forwarded-Host"] == "$host"


def test_caddy_trusts_nobodys_forwarding_headers() -> None:
    """It overwrites them by itself, unless told to trust somebody."""
    assert "trusted_proxies" not in CADDY
    assert "header_up" not in CADDY


def test_bodies_reach_the_limit_of_our_own_and_its_message() -> None:
    (nginx,) = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    (caddy,) = re.findall(r"max_size (\d+)MB", CADDY)

    # nginx counts in 1024, Caddy in 1000.
    assert int(nginx) * 1024 * 1024 > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert int(caddy) * MEGA > settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_answers_are_waited_for_longer_than_a_blocking_target_takes() -> None:
    (nginx,) = re.findall(r"proxy_read_timeout (\d+)s;", NGINX)
    (caddy,) = re.findall(r"response_header_timeout (\d+)s", CADDY)

    assert min(int(nginx), int(caddy)) > LONGEST_ANSWER


@pytest.mark.parametrize("text", [NGINX, CADDY], ids=["nginx", "caddy"])
def test_what_is_for_the_inside_stays_there(text: str) -> None:
    rule = next(line for line in text.splitlines() if "metrics" in line)

    assert all(word in rule for word in ("metrics", "healthz", "readyz"))


def test_nginx_itself_accepts_the_file(tmp_path: Path) -> None:
    if shutil.which("nginx") is None:
        pytest.skip("no nginx on this machine: its example was only read")
    _, pair = issue("purveyor.example.org", tmp_path)
    site = re.sub(r"(ssl_certificate(?:_key)? +)\S+;", rf"\g<1>{pair};", NGINX)
    (tmp_path / "site.conf").write_text(site)
    main = tmp_path / "nginx.conf"
    main.write_text(
        f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ include {tmp_path}/site.conf; }}\n"
    )

    done = subprocess.run(
        ["nginx", "-t", "-c", str(main)], capture_output=True, text=True, timeout=60
    )

    # Only the syntax: its folders and ports belong to the real one.
    assert "syntax is ok" in done.stderr


def test_caddy_itself_accepts_the_file() -> None:
    if shutil.which("caddy") is None:
        pytest.skip("no caddy on this machine: its example was only read")

    done = subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile", "--config", "deploy/proxy/Caddyfile"],
        cwd=DEPLOY.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
