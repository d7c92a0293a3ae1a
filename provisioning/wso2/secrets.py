"""Secrets in WSO2's files: in clear, or as cipher text that only WSO2 can read."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from dataclasses import dataclass, field
from typing import Any

from provisioning.wso2.reading import Part

_BLOCKS = frozenset({128, 256, 384, 512})
"""Sizes of what RSA keys of the usual lengths make."""
_MASKED = re.compile(r"[*•]+")


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is never written down: the environment variable that holds it, and what
    the file says, or "" when that cannot be read."""

    variable: str
    value: str = ""

    @property
    def known(self) -> str:
        return os.environ.get(self.variable, "") or self.value

    @property
    def reference(self) -> dict[str, str]:
        return {"env": self.variable}


@dataclass(slots=True)
class Variables:
    """Names of environment variables, each given once."""

    given: set[str] = field(default_factory=set)

    def secret(self, *words: str, value: str = "") -> Secret:
        base = re.sub(r"[^A-Z0-9]+", "_", "_".join(("wso2", *words)).upper()).strip("_")
        name, number = base, 1
        while name in self.given:
            number += 1
            name = f"{base}_{number}"
        self.given.add(name)
        return Secret(name, value)


def readable(part: Part) -> str:
    """The value in clear, or "" when it is encrypted, masked or kept elsewhere."""
    return "" if is_hidden(part) else part.text


def is_hidden(part: Part) -> bool:
    text = part.text
    if "secretAlias" in part.attributes or text.startswith("$secret{"):
        return True
    return bool(_MASKED.fullmatch(text)) or _is_cipher_text(text)


def _is_cipher_text(text: str) -> bool:
    """Base64 of an RSA block, or of JSON with the cipher text under `c`."""
    packed = "".join(text.split())
    try:
        data = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(data) in _BLOCKS:
        return True
    try:
        held: Any = json.loads(data)
    except ValueError:
        return False
    return isinstance(held, dict) and "c" in held
