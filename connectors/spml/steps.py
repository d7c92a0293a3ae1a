"""Several requests that make one change: what it means when a later one goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from connectors.errors import ConnectorError, in_doubt

T = TypeVar("T")


class Steps:
    """Once the target took one request, the error of a later one leaves the change half done.

    It is then *maybe sent*, whatever the error: the next attempt looks up what the target
    holds, sends the rest, and meets the error again as what it is.
    """

    def __init__(self) -> None:
        self._taken = False

    def take(self, send: Callable[[], T]) -> T:
        try:
            result = send()
        except ConnectorError as error:
            if self._taken:
                raise in_doubt(error) from error
            raise
        self._taken = True
        return result
