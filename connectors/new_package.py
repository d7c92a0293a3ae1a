"""A package of one's own to begin with: a connector, a fake of its target, tests, a page.

What is written is `connectors/skeleton`, which is tested where it lies, under another name.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from connectors import registry

SKELETON = Path(__file__).parent / "skeleton"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST = 40
_FILES = ("*.toml", "docs/*.md", "src/*/*.py", "src/*/py.typed", "tests/*.py")


class CannotWrite(ValueError):
    """No package was written; the message is a sentence that says why."""


def write(name: str, directory: Path) -> Path:
    """The folder of the new package, `directory/name`. Raises `CannotWrite`; nothing is
    left then."""
    _check(name)
    folder = directory / name
    if not directory.is_dir():
        raise CannotWrite(f"There is no directory {directory}.")
    if folder.exists() or folder.is_symlink():
        raise CannotWrite(f"{folder} is there already, and is left as it is.")
    try:
        for path in sorted({path for kind in _FILES for path in SKELETON.glob(kind)}):
            there = folder / _renamed(str(path.relative_to(SKELETON)), name)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text(_renamed(path.read_text(), name))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise CannotWrite(f"{folder} cannot be written: {error.strerror}.") from error
    return folder


def _check(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise CannotWrite(
            f"“{name}” cannot be a connector's name: lower-case letters, digits and single "
            f"underscores, beginning with a letter, {_LONGEST} at most."
        )
    known = registry.keys()
    if name in known:
        raise CannotWrite(f"There is a connector {name} already: choose another name.")


def _renamed(text: str, name: str) -> str:
    """
    >>> _renamed("SampleServer at sample.example, for Sample (purveyor_sample)", "acme_hr")
    'AcmeHrServer at acme-hr.example, for Acme hr (purveyor_acme_hr)'
    """
    words = name.split("_")
    text = re.sub(
        r"(?<=[a-z])Sample|Sample(?=[A-Z])", "".join(map(str.capitalize, words)), text
    )
    text = re.sub(r"\bSample\b", " ".join(words).capitalize(), text)
    text = re.sub(r"(?<=purveyor-)sample|sample(?=\.example|-token)", "-".join(words), text)
    return text.replace("sample", name)
