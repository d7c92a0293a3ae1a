"""Which profiles there are: ours, and those of a folder of the customer's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from connectors.errors import ConnectorIsWrong
from connectors.scim.profiles.profile import Profile, ProfileIsWrong
from connectors.scim.profiles.reading import read

_OURS = Path(__file__).parent
_folders: list[Path] = []


def add_folder(folder: Path) -> None:
    """Let the files in this folder count too; one named as ours replaces it.

    To be called before connectors are loaded, for their forms offer what is known then.
    Raises ProfileIsWrong for a folder that is not there and for the first file that cannot
    be used.
    """
    if not folder.is_dir():
        raise ProfileIsWrong(f"{folder} is no folder")
    for path in sorted(folder.glob("*.toml")):
        read(path)
    _folders.append(folder)
    _all.cache_clear()


def named(key: str) -> Profile:
    """The profile, the standard one for "". ConnectorIsWrong when there is none."""
    found = _all().get(key.strip().lower())
    if found is None:
        raise ConnectorIsWrong(
            f"There is no profile {key.strip()!r}: known are {', '.join(filter(None, _all()))}"
        )
    return found


def choices() -> tuple[tuple[str, str], ...]:
    """Keys and names of all but the standard one, by name."""
    return tuple((profile.key, profile.name) for profile in _by_name())


def abouts() -> list[str]:
    """A sentence about each, by name."""
    return [f"{profile.name}: {profile.about}." for profile in _by_name()]


def ours() -> list[Profile]:
    """The profiles that come with the product, by name."""
    return sorted(map(read, _OURS.glob("*.toml")), key=lambda found: found.name.casefold())


def _by_name() -> list[Profile]:
    return sorted(
        (profile for profile in _all().values() if profile.key),
        key=lambda profile: profile.name.casefold(),
    )


@cache
def _all() -> dict[str, Profile]:
    found = {"": Profile()}
    for folder in (_OURS, *_folders):
        for path in sorted(folder.glob("*.toml")):
            found[path.stem] = read(path)
    return found
