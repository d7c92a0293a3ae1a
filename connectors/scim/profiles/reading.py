"""A profile from its file, checked to the last key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from connectors.scim.profiles.behaviour import Behaviour
from connectors.scim.profiles.profile import Profile, ProfileIsWrong, Quirk
from connectors.scim.profiles.settings import SETTINGS, Refused

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PROFILE_KEYS = frozenset({"name", "about", "quirks"})
_QUIRK_KEYS = frozenset({"what", "so", "source", "date", "set"})


def read(path: Path) -> Profile:
    """The profile in this file; its key is the name of the file. Raises ProfileIsWrong."""
    try:
        if not _KEY.fullmatch(path.stem):
            raise Refused("a profile is named by small letters, digits and hyphens")
        return _profile(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except Refused as error:
        raise ProfileIsWrong(f"{path.name}: {error}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileIsWrong(f"{path.name}: cannot be read: {error}") from error


def _profile(key: str, document: Mapping[str, Any]) -> Profile:
    _only(document, _PROFILE_KEYS, "")
    listed = document.get("quirks", [])
    if not isinstance(listed, list):
        raise Refused("quirks must be [[quirks]] tables")
    quirks = tuple(_quirk(one, f"quirks[{at}].") for at, one in enumerate(listed, 1))
    return Profile(
        key=key,
        name=_text(document, "name", ""),
        about=_text(document, "about", ""),
        quirks=quirks,
        behaviour=Behaviour(**_together(quirks)),
    )


def _quirk(entry: Any, where: str) -> Quirk:
    if not isinstance(entry, Mapping):
        raise Refused(f"{where[:-1]} must be a table")
    _only(entry, _QUIRK_KEYS, where)
    source = _text(entry, "source", where)
    if urlsplit(source).scheme != "https" or not urlsplit(source).netloc:
        raise Refused(f"{where}source must be an address that starts with https://")
    looked_up = entry.get("date")
    if not isinstance(looked_up, date) or isinstance(looked_up, datetime):
        raise Refused(f"{where}date must be a date, such as 2026-11-27")
    return Quirk(
        what=_text(entry, "what", where),
        so=_text(entry, "so", where),
        source=source,
        date=looked_up,
        settings=_settings(entry.get("set", {}), f"{where}set"),
    )


def _settings(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise Refused(f"{where} must be a table")
    _only(given, SETTINGS.keys(), f"{where}.")
    found = {}
    for key, value in given.items():
        try:
            found[key] = SETTINGS[key](value)
        except Refused as error:
            raise Refused(f"{where}.{key} {error}") from error
    return found


def _together(quirks: tuple[Quirk, ...]) -> dict[str, Any]:
    """Lists of several quirks are joined; anything else may be set once."""
    found: dict[str, Any] = {}
    for at, quirk in enumerate(quirks, 1):
        for key, value in quirk.settings.items():
            if key not in found:
                found[key] = value
            elif isinstance(value, tuple):
                found[key] = (*found[key], *value)
            else:
                raise Refused(f"quirks[{at}].set.{key} is set by an earlier quirk already")
    return found


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise Refused(f"{where}{key} must be a text that is not empty")
    return value.strip()


def _only(entry: Mapping[str, Any], known: Any, where: str) -> None:
    for key in entry:
        if key not in known:
            raise Refused(f"there is no key {where}{key}: known are {', '.join(sorted(known))}")
