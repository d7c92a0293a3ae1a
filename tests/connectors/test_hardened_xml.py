from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from connectors import hardened_xml


def test_no_entity_is_expanded_and_no_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("tell nobody")
    document = f"""<!DOCTYPE a [<!ENTITY x "why"><!ENTITY f SYSTEM "{secret}">]>
    <a><b>&x;</b><c>&f;</c></a>"""

    root = etree.fromstring(document, hardened_xml.parser())

    told = "".join(root.itertext())
    assert "why" not in told
    assert "tell nobody" not in told
    assert hardened_xml.has_doctype(root)


def test_what_is_deeper_than_anything_sane_is_refused() -> None:
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring("<a>" * 10_000 + "</a>" * 10_000, hardened_xml.parser())


def test_comments_and_instructions_are_passed_over() -> None:
    root = etree.fromstring("<a><!-- x --><?y z?><b/></a>", hardened_xml.parser("utf-8"))

    assert [child.tag for child in root] == ["b"]
    assert not hardened_xml.has_doctype(root)


def test_an_encoding_there_is_not_is_said() -> None:
    with pytest.raises(LookupError):
        hardened_xml.parser("nonsense-8")
