from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.rules import identities
from provisioning.rules.errors import Unreadable


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("10.0.0.1", None),
        ("10.0.0.1:", None),
        ("10.0.0.1:80", (80, 80)),
        ("10.0.0.1:-80", (0, 80)),
        ("10.0.0.1:80-", (80, 65535)),
        ("10.0.0.1/255.0.0.0:80-90", (80, 90)),
        ("[2001:DB8::1]/[ffff::]:8080", (8080, 8080)),
    ],
)
def test_addresses_have_ports(text: str, ports: tuple[int, int] | None) -> None:
    assert identities.parse_ip(text).ports == ports


def test_an_address_has_many_spellings() -> None:
    one, other = (identities.parse_ip(text) for text in ("[2001:DB8::1]", "[2001:db8:0::1]"))

    assert one == other
    assert one.text != other.text


def test_a_host_may_stand_for_its_subdomains() -> None:
    assert identities.parse_dns("*.Sun.COM:80-") == identities.parse_dns("*.sun.com:80-65535")
    assert identities.parse_dns("sun.com.") == identities.parse_dns("sun.com")


def test_escapes_and_quotes_of_a_name_are_spelling_only() -> None:
    spellings = (r"CN=Lee\, Kim,O=Ä", r'cn="Lee, Kim" ; o=\C3\A4', r"CN=Lee\2C  Kim,O=ä")

    assert len({identities.parse_x500(text) for text in spellings}) == 1


@given(st.text(alphabet='CNO=,;+\\"ab 2', max_size=30))
def test_any_text_is_a_name_or_unreadable(text: str) -> None:
    try:
        name = identities.parse_x500(text)
    except Unreadable:
        return
    assert identities.parse_x500(name.text) == name
    assert name.ends(name)
