"""Names by pattern as WSO2 makes them, mistakes included."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provisioning.subjects import Subject

DOMAIN_OF = {"google": "domain", "salesforce": "provisioning_domain"}


def by_pattern(kind: str, settings: Mapping[str, Any], subject: Subject, provider: str) -> str:
    """`{UN}` and `_` unless the connector says otherwise; "" where WSO2 fails."""
    pattern = str(settings.get("pattern") or "{UN}")
    separator = str(settings.get("separator") or "_")
    parts = {
        "UD": subject.store or "PRIMARY",
        "UN": subject.name.partition("/")[2] or subject.name,
        "TD": subject.tenant.domain,
        "IDP": provider,
    }
    words = [word.strip() for word in pattern.strip("{} ").split(",") if word.strip()]
    try:
        # It takes the separator for a regular expression.
        cleaned = {
            word: part if word == "UN" else re.sub(separator, "", part)
            for word, part in parts.items()
        }
    except re.error:
        return ""
    if any(word not in cleaned for word in words):
        return ""
    name = separator.join(cleaned[word] for word in words).lower()
    domain = str(settings.get(DOMAIN_OF[kind]) or "")
    if not domain or name.endswith(domain):
        return name
    return f"{name.replace('@', '.')}@{domain}"


def in_store(settings: Mapping[str, Any], name: str) -> str:
    """As its SCIM connectors send names."""
    domain = str(settings.get("user_store_domain") or "")
    return f"{domain}/{name.partition('/')[2] or name}" if domain else name
