"""Names by pattern: as WSO2 makes them, without its accidents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import LocalName
from connectors.patterns import TOKENS, Pattern, PatternRefused, in_domain

KIM = LocalName(
    "STAFF/Kim", store="STAFF", tenant_domain="acme.example", identity_provider="google"
)


@pytest.mark.parametrize(
    ("pattern", "separator", "expected"),
    [
        ("{UN}", "_", "kim"),
        ("{UD,UN}", "_", "staff_kim"),
        ("{UD,UN,TD,IDP}", "-", "staff-kim-acme.example-google"),
        ("{ IDP , UN }", "", "googlekim"),
        ("{UN,TD}", ".", "kim.acmeexample"),
        ("{UN,TD}", "+", "kim+acme.example"),
    ],
)
def test_tokens_stand_in_any_order_and_the_separator_is_literal(
    pattern: str, separator: str, expected: str
) -> None:
    assert Pattern.parse(pattern).build(KIM, separator) == expected


def test_the_primary_store_and_the_root_tenant_have_names_too() -> None:
    # The example of WSO2's documentation.
    name = LocalName("user@x", identity_provider="salesforce")

    built = Pattern.parse("{UD,UN,TD,IDP}").build(name, "-")

    assert built == "primary-user@x-carbon.super-salesforce"
    assert in_domain(built, "acme.example") == (
        "primary-user.x-carbon.super-salesforce@acme.example"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "looks like"),
        ("UN", "looks like"),
        ("{UN", "looks like"),
        ("{}", "no token ''"),
        ("{UN,}", "no token ''"),
        ("{UN,XX}", "no token 'XX'"),
        ("{un}", "no token 'un'"),
        ("{UN,UN}", "twice"),
        ("{UD,TD}", "without UN"),
    ],
)
def test_what_is_no_pattern_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(PatternRefused, match=why):
        Pattern.parse(text)


NAMES = st.text("abcXYZ019.@'", min_size=1, max_size=8)
STORES = st.sampled_from(["PRIMARY", "STAFF", "A_B"])
TENANTS = st.sampled_from(["carbon.super", "a.example", "b.example", "a_b"])


@given(st.permutations(TOKENS), NAMES, STORES, TENANTS)
def test_every_order_is_understood_and_lower_case(
    tokens: list[str], bare: str, store: str, tenant: str
) -> None:
    full = bare if store == "PRIMARY" else f"{store}/{bare}"
    name = LocalName(full, store=store, tenant_domain=tenant, identity_provider="IdP")

    built = Pattern.parse("{" + ",".join(tokens) + "}").build(name, "_")

    assert built == built.lower()
    assert bare.lower() in built


@given(NAMES, NAMES, STORES, STORES, TENANTS, TENANTS)
def test_who_differs_has_another_name_as_long_as_no_part_holds_the_separator(
    one: str, other: str, store: str, other_store: str, tenant: str, other_tenant: str
) -> None:
    def built(bare: str, domain: str, where: str) -> str:
        full = bare if domain == "PRIMARY" else f"{domain}/{bare}"
        name = LocalName(full, store=domain, tenant_domain=where)
        return Pattern.parse("{UD,UN,TD}").build(name, "|")

    same = (one.lower(), store, tenant) == (other.lower(), other_store, other_tenant)
    assert (built(one, store, tenant) == built(other, other_store, other_tenant)) == same


@given(NAMES, st.sampled_from(["acme.example", "@Acme.Example", " acme.example "]))
def test_a_name_in_a_domain_has_one_at_sign_and_is_stable(name: str, domain: str) -> None:
    address = in_domain(name.lower(), domain)

    assert address.endswith("@acme.example")
    assert address.removesuffix("@acme.example").count("@") <= name.count("@")
    assert in_domain(address, domain) == address
