"""What products in the field do differently from RFC 7643 and RFC 7644: data, one file each."""

from __future__ import annotations

from connectors.scim.profiles.behaviour import STANDARD, Behaviour, Throttling
from connectors.scim.profiles.known import abouts, add_folder, choices, named
from connectors.scim.profiles.profile import Profile, ProfileIsWrong, Quirk
from connectors.scim.profiles.shaping import check_required, shaped, without

__all__ = [
    "STANDARD",
    "Behaviour",
    "Profile",
    "ProfileIsWrong",
    "Quirk",
    "Throttling",
    "abouts",
    "add_folder",
    "check_required",
    "choices",
    "named",
    "shaped",
    "without",
]
