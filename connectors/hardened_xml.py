"""The one parser for XML that strangers wrote."""

from __future__ import annotations

from lxml import etree


def parser(encoding: str = "") -> etree.XMLParser:
    """Reads nothing outside of the document, expands no entity, and takes no tree of a size
    that only an attack has; comments and processing instructions are passed over.

    Whoever parses refuses a DOCTYPE beside that (`has_doctype`), or counts what it costs. A
    new one for each document: parsers keep what they met. Raises `LookupError` for an
    encoding there is not.
    """
    return etree.XMLParser(
        encoding=encoding or None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def has_doctype(root: etree._Element) -> bool:
    return root.getroottree().docinfo.internalDTD is not None
