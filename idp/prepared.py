"""Look-ups whose SQL is made once: for those that every request makes.

The ORM writes the SQL of a query anew each time, which for a row of forty columns takes
five times as long as SQLite takes to find it. A `Prepared` is given an ordinary queryset
with a `Parameter` for each value that changes, keeps the SQL that Django makes of it, and
from then on only runs it. What comes back is what the queryset would have given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import ModelIterable, get_related_populators

R = TypeVar("R")


class Parameter(Expression):
    """Stands in a queryset for a value that is given when it is run."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def value(self, given: dict[str, Any], connection: Any) -> Any:
        return self.output_field.get_db_prep_value(given[self.name], connection)


class Prepared(Generic[R]):
    """A queryset of models with what `select_related` adds, or of `values_list` tuples.

    `make` is called once for each database in use. Slices must be part of the queryset;
    annotations, prefetches and iterator options are not for this.
    """

    def __init__(self, make: Callable[[], QuerySet[Any, R]]) -> None:
        self._make = make
        self._statements: dict[str, _Statement] = {}

    def all(self, **given: Any) -> list[R]:
        using = DEFAULT_DB_ALIAS
        statement = self._statements.get(using)
        if statement is None:
            statement = self._statements[using] = _prepare(self._make().using(using))
        return statement.run(using, given)

    def first(self, **given: Any) -> R | None:
        return next(iter(self.all(**given)), None)


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    parameters: Sequence[Any]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]
    """By column: what makes Python of the database's value, and the column's expression."""
    build: Callable[[Sequence[Any]], Any] | None
    """Makes an instance of a row; rows of values are tuples as they are."""

    def run(self, using: str, given: dict[str, Any]) -> list[Any]:
        connection = connections[using]
        values = [
            part.value(given, connection) if isinstance(part, Parameter) else part
            for part in self.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            rows = [self._converted(row, connection) for row in cursor.fetchall()]
        return [self.build(row) for row in rows] if self.build else rows

    def _converted(self, row: Sequence[Any], connection: Any) -> tuple[Any, ...]:
        values = list(row)
        for column, convert, expression in self.converters:
            value = values[column]
            for step in convert:
                value = step(value, expression, connection)
            values[column] = value
        return tuple(values)


def _prepare(queryset: QuerySet[Any, Any]) -> _Statement:
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([selected[0] for selected in compiler.select])
    of_models = issubclass(queryset._iterable_class, ModelIterable)
    return _Statement(
        sql=sql,
        parameters=parameters,
        converters=[(column, *found) for column, found in converters.items()],
        build=_builder(compiler, queryset.db) if of_models else None,
    )


def _builder(compiler: Any, using: str) -> Callable[[Sequence[Any]], Any]:
    """How Django makes an instance of a row, with the related ones inside."""
    info, select = compiler.klass_info, compiler.select
    model = info["model"]
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [selected[0].target.attname for selected in select[start:end]]
    # The stubs are those of a newer Django.
    populators = get_related_populators(info, select, using)  # type: ignore[call-arg]

    def build(row: Sequence[Any]) -> Any:
        instance = model.from_db(using, names, row[start:end])
        for populator in populators:
            populator.populate(row, instance)
        return instance

    return build
