"""Whatever is posted is taken or refused in words, and nobody else is believed."""

from __future__ import annotations

import base64
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.inbound.saml import SamlRefused, read
from provisioning.inbound.saml.parsing import LARGEST, parsed
from tests.fakes.saml.documents import NOW, REQUEST, Document, posted, signed, template
from tests.provisioning.inbound.saml.test_responses import OURS, THEIRS

TAGS = ("samlp:Response", "saml:Assertion", "ds:Signature", "ds:SignedInfo", "saml:Subject")


def outcome(text: str) -> str:
    """Who is believed, or nobody."""
    try:
        return read(text, REQUEST, OURS, THEIRS, NOW).subject
    except SamlRefused:
        return ""


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    assert outcome(text) == ""


@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    assert outcome(base64.b64encode(content).decode()) == ""


@given(
    at=st.integers(0, 3500),
    length=st.integers(0, 80),
    other=st.text(max_size=10) | st.sampled_from([f"<{t}>" for t in TAGS] + ["</ds:Object>"]),
)
@settings(max_examples=300)
def test_any_damage(at: int, length: int, other: str) -> None:
    whole = _genuine()
    damaged = (whole[:at] + other + whole[at + length :]).encode("utf-8", "surrogatepass")

    assert outcome(base64.b64encode(damaged).decode()) in ("", "kim")


PARTS = ("subject", "name_id", "issuer", "window", "audience", "authenticated", "attributes")


@given(
    part=st.sampled_from(PARTS),
    attributes=st.dictionaries(
        st.sampled_from(["Format", "NotBefore", "NotOnOrAfter", "Name", "Version"]),
        st.text(st.characters(codec="ascii", exclude_characters="<&\"'"), max_size=20),
    ),
    text=st.text(st.characters(codec="utf-8", exclude_characters="<&\r"), max_size=20),
)
def test_any_words_in_any_part_that_nobody_signed(
    part: str, attributes: dict[str, str], text: str
) -> None:
    told = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    element = f"<saml:X {told}>{text}</saml:X>" if part != "subject" else text
    filled = told if part in ("name_id", "window") else element

    document = Document(**{part: filled}, signature=template("_assertion")).response()

    assert outcome(posted(document)) == ""


def test_what_is_larger_than_any_response_is_not_even_read() -> None:
    with pytest.raises(SamlRefused, match="at most 512 KB"):
        parsed(base64.b64encode(b"<a>" * LARGEST).decode())


@cache
def _genuine() -> str:
    return signed(Document().response())
