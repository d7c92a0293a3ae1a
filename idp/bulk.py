"""Inserting rows without asking the ORM for the same SQL each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model

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
        [field.get_db_prep_save(getattr(row, name), connection) for name, field in table.fields]
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
    fields: Sequence[tuple[str, Field[Any, Any]]]
    insert: str
    copy: str


@cache
def _table(model: type[Model]) -> _Table:
    quoted = connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields = [
        (field.attname, field)
        for field in model._meta.concrete_fields
        if not field.generated and field is not model._meta.auto_field
    ]
    columns = ", ".join(quoted(str(field.column)) for _, field in fields)
    into = f"{quoted(model._meta.db_table)} ({columns})"
    places = ", ".join(["%s"] * len(fields))
    return _Table(
        fields=fields,
        insert=f"INSERT INTO {into} VALUES ({places})",  # noqa: S608 our own names
        copy=f"COPY {into} FROM STDIN",
    )


def _copy(cursor: Any, table: _Table, rows: Iterator[list[Any]]) -> None:
    with cursor.copy(table.copy) as copy:
        for row in rows:
            copy.write_row(row)
