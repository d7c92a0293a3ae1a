"""Profiles of the customer's own: `PURVEYOR_SCIM_PROFILES` is read before anything uses it."""

from __future__ import annotations

import sys
from pathlib import Path

from connectors.scim.profiles import ProfileIsWrong, add_folder


def checked(folder: str) -> str:
    """The folder, or nothing for none. What is wrong in it ends the process with a sentence."""
    if folder:
        try:
            add_folder(Path(folder))
        except ProfileIsWrong as error:
            sys.stderr.write(f"PURVEYOR_SCIM_PROFILES: {error}\n")
            sys.exit(2)
    return folder
