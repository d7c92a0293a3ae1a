"""Updating many rows, each to values of its own, without asking the ORM for the SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model

FEW = 20
"""Above this PostgreSQL gets the values as arrays, in one statement."""


def update(rows: Sequence[Model], names: tuple[str, ...]) -> None:
    """Write these fields of rows of one model; a row that has gone stays so.

    `bulk_update` makes one statement of as many cases as there are values, which takes ten
    times as long to make as to run.
    """
    if not rows:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    table = _table(type(rows[0]), names)
    values = [
        [
            field.get_db_prep_save(getattr(row, field.attname), connection)
            for field in table.fields
        ]
        for row in rows
    ]
    with connection.wrap_database_errors, connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > FEW:
            cursor.execute(
                table.together, [list(column) for column in zip(*values, strict=True)]
            )
        else:
            cursor.executemany(table.each, values)


@dataclass(frozen=True, slots=True)
class _Table:
    fields: Sequence[Field[Any, Any]]
    """Those to write, and the key at the end."""
    each: str
    together: str


@cache
def _table(model: type[Model], names: tuple[str, ...]) -> _Table:
    connection = connections[DEFAULT_DB_ALIAS]
    quoted = connection.ops.quote_name
    by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [*(by_name[name] for name in names), model._meta.pk]
    columns = [quoted(str(field.column)) for field in fields]
    table, key = quoted(model._meta.db_table), columns[-1]
    places = ", ".join(f"{column} = %s" for column in columns[:-1])
    given = ", ".join(f"{column} = given.{column}" for column in columns[:-1])
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    return _Table(
        fields,
        f"UPDATE {table} SET {places} WHERE {key} = %s",  # noqa: S608 our names
        f"UPDATE {table} SET {given} FROM unnest({arrays}) AS given({', '.join(columns)}) "  # noqa: S608 our names
        f"WHERE {table}.{key} = given.{key}",
    )
