"""The page of the documents about the profiles, made from their files.

python -m connectors.scim.profiles.page > docs/connectors/scim2-profiles.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from connectors.scim.profiles.known import ours
from connectors.scim.profiles.profile import Profile, Quirk

_INTRODUCTION = (
    "# SCIM 2.0: profiles\n\n"
    "What products do differently from the standard, as their vendors document it; where they "
    "are silent, the connector behaves as at any other server. Choose one in the setting "
    "*Profile* of a [SCIM 2.0 connector](scim2.md) (`profile`, among the advanced ones). Each "
    "product is a file in `connectors/scim/profiles/`, from which this page is made; "
    "[profiles of your own](scim2.md#profiles-of-your-own) are files of the same kind.\n"
)
_HEAD = "| What it does | What follows | Settings | Documented, looked up |\n|---|---|---|---|"


def page() -> str:
    """Markdown, with a line feed at the end."""
    return "\n".join([_INTRODUCTION, *map(_section, ours())])


def _section(profile: Profile) -> str:
    about = profile.about[0].upper() + profile.about[1:]
    told = f"## {profile.name}\n\n`profile: {profile.key}`. {about}.\n\n"
    return told + "\n".join([_HEAD, *map(_row, profile.quirks)]) + "\n"


def _row(quirk: Quirk) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in _cells(quirk))} |"


def _cells(quirk: Quirk) -> Iterator[str]:
    yield quirk.what
    yield quirk.so
    yield ", ".join(f"`{key}`" for key in quirk.settings)
    yield f"[{urlsplit(quirk.source).hostname}]({quirk.source}), {quirk.date.isoformat()}"


if __name__ == "__main__":  # pragma: no cover
    sys.stdout.write(page())
