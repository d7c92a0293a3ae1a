from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.addresses import refusal

INSIDE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10")
NEVER = ("169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "0.0.0.0/8")
CARRIERS = ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/96", "2002::/16")


def carried(carrier: str, address: IPv4Address) -> IPv6Address:
    network = IPv6Address(carrier.partition("/")[0])
    shift = 80 if carrier.startswith("2002") else 0
    return IPv6Address(int(network) | int(address) << shift)


def v4(*networks: str) -> st.SearchStrategy[IPv4Address]:
    return st.one_of([st.ip_addresses(v=4, network=one) for one in networks]).map(
        lambda address: IPv4Address(str(address))
    )


@given(v4(*INSIDE))
def test_inside_addresses_are_refused_unless_allowed(address: IPv4Address) -> None:
    assert refusal(str(address), allow_private=False)
    if str(address) != "100.100.100.200":
        assert refusal(str(address), allow_private=True) == ""


@given(v4(*NEVER))
def test_some_ranges_are_refused_even_where_private_targets_are_allowed(
    address: IPv4Address,
) -> None:
    assert refusal(address, allow_private=True)


@given(v4(*INSIDE, *NEVER), st.sampled_from(CARRIERS))
def test_an_address_inside_another_is_judged_as_itself(
    address: IPv4Address, carrier: str
) -> None:
    assert refusal(carried(carrier, address), allow_private=False)


@given(v4("8.0.0.0/8", "93.184.0.0/16"), st.sampled_from(CARRIERS))
def test_public_addresses_are_called(address: IPv4Address, carrier: str) -> None:
    assert refusal(address, allow_private=False) == ""
    assert refusal(carried(carrier, address), allow_private=False) == ""


@given(st.ip_addresses(v=6, network="4000::/2"), st.ip_addresses(v=6, network="8000::/1"))
def test_no_ipv6_address_beyond_global_unicast_is_called(
    one: IPv6Address, other: IPv6Address
) -> None:
    assert refusal(one, allow_private=False)
    assert refusal(other, allow_private=False)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("169.254.169.254", "a cloud metadata address"),
        ("fd00:ec2::254", "a cloud metadata address"),
        ("::ffff:169.254.169.254", "a cloud metadata address"),
        ("168.63.129.16", "a cloud metadata address"),
        ("fe80::1%eth0", "a link-local address"),
        ("ff02::1", "a multicast address"),
        ("::", "a reserved address"),
        ("255.255.255.255", "a reserved address"),
        ("2001:db8::1", "a reserved address"),
    ],
)
def test_the_reason_is_named(address: str, why: str) -> None:
    assert refusal(address, allow_private=True) == why


@pytest.mark.parametrize("address", ["::1", "fd12:3456::1", "::ffff:127.0.0.1"])
def test_private_ipv6_is_called_where_private_targets_are_allowed(address: str) -> None:
    assert refusal(address, allow_private=True) == ""
    assert refusal(address, allow_private=False)


@pytest.mark.parametrize("address", ["2606:4700::1111", "2a00:1450:4001::1"])
def test_public_ipv6_is_called(address: str) -> None:
    assert refusal(address, allow_private=False) == ""
