"""Inserting rows without asking the ORM for the same SQL each time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BooleanField, CharField, Field, JSONField, Model, TextField
from psycopg.types.json import Jsonb

FEW = 20
"""Above this PostgreSQL gets rows by COPY, which takes less processor than INSERT."""


def insert(rows: Sequence[Model]) -> None:
    """Create unsaved rows of one model; raises `IntegrityError`.

    Takes the fields as they are (no `auto_now`) and tells nobody. A key that the database
    makes is not read back.
    """
    if not rows:
        return
    table = _table(type(rows[0]))
    connection = connections[DEFAULT_DB_ALIAS]
    values = (
        [prepared(getattr(row, name), connection) for name, prepared in table.fields]
        for row in rows
    )
    with connection.wrap_database_errors, connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(table.insert, next(values))
        elif connection.vendor == "postgresql" and len(rows) > FEW:
            _copy(cursor, table, values)
        else:
            cursor.executemany(table.insert, list(values))
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@dataclass(frozen=True, slots=True)
class _Table:
    fields: Sequence[tuple[str, Callable[[Any, Any], Any]]]
    insert: str
    copy: str


@cache
def _table(model: type[Model]) -> _Table:
    quoted = connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.generated and field is not model._meta.auto_field
    ]
    columns = ", ".join(quoted(str(field.column)) for field in fields)
    into = f"{quoted(model._meta.db_table)} ({columns})"
    places = ", ".join(["%s"] * len(fields))
    return _Table(
        fields=[(field.attname, _preparing(field)) for field in fields],
        insert=f"INSERT INTO {into} VALUES ({places})",  # noqa: S608 our own names
        copy=f"COPY {into} FROM STDIN",
    )


def _preparing(field: Field[Any, Any]) -> Callable[[Any, Any], Any]:
    """How the database takes a value: Django's way, without its steps that change nothing."""
    if isinstance(field, JSONField) and field.encoder is None:
        return _json
    if isinstance(field, (CharField, TextField, BooleanField)):
        kinds: tuple[type, ...] = (str, bool, NoneType)
        save = field.get_db_prep_save
        return lambda value, connection: (
            value if type(value) in kinds else save(value, connection)
        )
    return field.get_db_prep_save


def _json(value: Any, connection: Any) -> Any:
    if value is None:
        return None
    if connection.vendor == "postgresql":
        return Jsonb(value, dumps=_dumped)
    return _dumped(value).decode()


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # numbers beyond 64 bits
        return json.dumps(value).encode()


def _copy(cursor: Any, table: _Table, rows: Iterator[list[Any]]) -> None:
    with cursor.copy(table.copy) as copy:
        for row in rows:
            copy.write_row(row)
