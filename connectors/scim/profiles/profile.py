"""A profile: a product, what is known about it, and what follows for the connector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.scim.profiles.behaviour import STANDARD, Behaviour


class ProfileIsWrong(ValueError):
    """A file that cannot be used; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class Quirk:
    """One documented difference, with where it is documented and when that was looked up."""

    what: str
    """What the product does, in words for an operator."""
    so: str
    """What the connector does about it, or what the operator should do."""
    source: str
    date: date
    settings: Mapping[str, Any]
    """The fields of `Behaviour` that it sets; empty for advice."""


@dataclass(frozen=True, slots=True)
class Profile:
    key: str = ""
    name: str = "Standard SCIM 2.0"
    about: str = ""
    """What differs, in a sentence."""
    quirks: tuple[Quirk, ...] = ()
    behaviour: Behaviour = STANDARD
