"""Whether an answer is about what was asked."""

from __future__ import annotations

from connectors.errors import ConnectorIsWrong
from connectors.types import Found


def exactly(remote_id: str, found: Found | None, *also_known_as: str) -> Found | None:
    """What was found under the id. Raises `ConnectorIsWrong` for another object: to believe
    it would be to change, or to delete, somebody else. `also_known_as` are other keys under
    which the target has the object."""
    if found is None:
        return None
    keys = {key.casefold() for key in (found.remote_id, *also_known_as)}
    if remote_id.casefold() not in keys:
        raise ConnectorIsWrong(
            f"The target was asked for {remote_id} and answered with {found.remote_id}"
        )
    return found
