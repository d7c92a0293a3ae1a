"""Rows of the database that come again and again, made into instances once.

A row is read each time it is asked for, so that a change of it acts at once; only when it
is the same, column by column, the instance is a copy of the one that was made of it before.
Making it anew takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

M = TypeVar("M", bound=Model)

MOST = 1024
"""Rows one query remembers."""


class Remembered:
    """What was made of which row. Copies share the values of columns, and nothing else."""

    def __init__(self) -> None:
        self._made: dict[Sequence[Any], Any] = {}

    def of(self, row: Sequence[Any], make: Callable[[Sequence[Any]], Any]) -> Any:
        made = self._made.get(row)
        if made is None:
            if len(self._made) >= MOST:
                self._made.clear()
            made = self._made[row] = make(row)
        return _copy(made, {}) if isinstance(made, Model) else made


def blank(model: type[M]) -> M:
    """An instance of a row that is in the database, without its values."""
    instance = model.__new__(model)
    instance._state = ModelState()
    instance._state.adding, instance._state.db = False, DEFAULT_DB_ALIAS
    return instance


def _copy(made: M, copies: dict[int, Model]) -> M:
    """With the related instances it holds; they may point back to it."""
    copied = blank(type(made))
    copies[id(made)] = copied
    state = copied._state
    copied.__dict__.update(made.__dict__)
    copied._state = state
    for name, related in made._state.fields_cache.items():
        if related is not None:
            related = copies.get(id(related)) or _copy(related, copies)
        state.fields_cache[name] = related
    return copied
