"""Where the two keys come from: the environment, else `keys.env` in the data directory."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path

NAMES = ("SECRET_KEY", "PURVEYOR_SECRET_KEYS")


def read(name: str, data_dir: Path) -> str:
    """The key's value; leaves the process with one sentence when there is none.

    The environment wins. A command that works without keys (`help`, building an image)
    still imports the settings, so the check is here and the message says what to do.
    """
    if value := os.environ.get(name):
        return value
    file = data_dir / "keys.env"
    if file.is_file() and (value := _parse(file.read_text()).get(name)):
        return value
    sys.stderr.write(
        f"{name} is not set: put it into the environment or into {file}, or run "
        "`make install` or `make run` once, which make both keys.\n"
    )
    sys.exit(2)


def generate(data_dir: Path) -> bool:
    """Write `keys.env` (mode 0600) unless it is there already; True when it was written."""
    file = data_dir / "keys.env"
    if file.exists():
        return False
    data_dir.mkdir(parents=True, exist_ok=True)
    text = (
        f"SECRET_KEY={secrets.token_urlsafe(48)}\n"
        f"PURVEYOR_SECRET_KEYS={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}\n"
    )
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    return True


def _parse(text: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs if not name.startswith("#")}


if __name__ == "__main__":
    generate(Path(os.environ.get("PURVEYOR_DATA_DIR", "var")))
