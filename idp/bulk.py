"""Inserting rows without asking the ORM for the same SQL each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    BinaryField,
    BooleanField,
    CharField,
    Field,
    ForeignKey,
    Model,
    TextField,
)

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
    values = (_values(row, table, connection) for row in rows)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(table.insert, next(values))
        elif connection.vendor == "postgresql" and len(rows) > FEW:
            _copy(cursor, table, values)
        else:
            cursor.executemany(table.insert, list(values))
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


_AS_IT_IS: Sequence[tuple[type[Field[Any, Any]], type]] = (
    (CharField, str),
    (TextField, str),
    (BooleanField, bool),
    (BinaryField, bytes),
)
"""Kinds of fields with the type that every database takes without any preparation."""


def _values(row: Model, table: _Table, connection: Any) -> list[Any]:
    values = row.__dict__
    return [
        value
        if type(value := values[name]) is plain or value is None
        else field.get_db_prep_save(value, connection)
        for name, field, plain in table.fields
    ]


@dataclass(frozen=True, slots=True)
class _Table:
    fields: Sequence[tuple[str, Field[Any, Any], type | None]]
    """The attribute, its field, and the type of value that needs no preparation."""
    insert: str
    copy: str


@cache
def _table(model: type[Model]) -> _Table:
    quoted = connections[DEFAULT_DB_ALIAS].ops.quote_name
    given = [
        field
        for field in model._meta.concrete_fields
        if not field.generated and field is not model._meta.auto_field
    ]
    fields = [(field.attname, _stored(field), _type_as_it_is(field)) for field in given]
    columns = ", ".join(quoted(str(field.column)) for field in given)
    into = f"{quoted(model._meta.db_table)} ({columns})"
    places = ", ".join(["%s"] * len(fields))
    return _Table(
        fields=fields,
        insert=f"INSERT INTO {into} VALUES ({places})",  # noqa: S608 our own names
        copy=f"COPY {into} FROM STDIN",
    )


def _stored(field: Field[Any, Any]) -> Field[Any, Any]:
    """The field that knows how a value is stored: of a foreign key, the one it points at."""
    return _stored(field.target_field) if isinstance(field, ForeignKey) else field


def _type_as_it_is(field: Field[Any, Any]) -> type | None:
    stored = _stored(field)
    return next((plain for kind, plain in _AS_IT_IS if isinstance(stored, kind)), None)


def _copy(cursor: Any, table: _Table, rows: Iterator[list[Any]]) -> None:
    with cursor.copy(table.copy) as copy:
        for row in rows:
            copy.write_row(row)
