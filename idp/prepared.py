"""Statements whose SQL is made once: for those that every request makes.

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
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.sql import DeleteQuery, UpdateQuery

from idp.remembered import Remembered, blank

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

    `make` is called once. Slices must be part of the queryset; annotations, prefetches and
    iterator options are not for this. With `remembers`, rows that come as they came before
    are not converted again: for the few that everybody reads.
    """

    def __init__(
        self, make: Callable[[], QuerySet[Any, R]], *, remembers: bool = False
    ) -> None:
        self._make = make
        self._remembers = remembers
        self._statement: _Selection | None = None

    def all(self, **given: Any) -> list[R]:
        if self._statement is None:
            self._statement = _selection(self._make(), self._remembers)
        return self._statement.rows(given)

    def first(self, **given: Any) -> R | None:
        return next(iter(self.all(**given)), None)


class PreparedUpdate:
    """An update of a queryset: `given` names the fields whose values are given, under their
    own names, when it is run; `fixed` are values and expressions that never change."""

    def __init__(
        self, make: Callable[[], QuerySet[Any, Any]], *given: str, **fixed: Any
    ) -> None:
        self._make = make
        self._given = given
        self._fixed = fixed
        self._statement: _Statement | None = None

    def run(self, **given: Any) -> int:
        """The number of rows."""
        if self._statement is None:
            self._statement = self._prepare()
        return self._statement.run(given)

    def _prepare(self) -> _Statement:
        rows = self._make()
        fields = {name: rows.model._meta.get_field(name) for name in self._given}
        query: Any = rows.query.chain(UpdateQuery)  # the stubs know no update of it
        query.add_update_values(
            {**{name: Parameter(name, field) for name, field in fields.items()}, **self._fixed}
        )
        return _statement(query)


class PreparedDelete:
    """A delete of a queryset, of rows that nothing points at: nothing cascades."""

    def __init__(self, make: Callable[[], QuerySet[Any, Any]]) -> None:
        self._make = make
        self._statement: _Statement | None = None

    def run(self, **given: Any) -> int:
        """The number of rows."""
        if self._statement is None:
            self._statement = _statement(self._make().query.chain(DeleteQuery))
        return self._statement.run(given)


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    parameters: Sequence[Any]

    def run(self, given: dict[str, Any]) -> int:
        connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.values(given, connection))
            count: int = cursor.rowcount
        return count

    def values(self, given: dict[str, Any], connection: Any) -> list[Any]:
        return [
            part.value(given, connection) if isinstance(part, Parameter) else part
            for part in self.parameters
        ]


@dataclass(frozen=True, slots=True)
class _Selection:
    statement: _Statement
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]
    """By column: what makes Python of the database's value, and the column's expression."""
    build: Callable[[Sequence[Any]], Any] | None
    """Makes an instance of a row; rows of values are tuples as they are."""
    remembered: Remembered | None

    def rows(self, given: dict[str, Any]) -> list[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        values = self.statement.values(given, connection)
        with connection.cursor() as cursor:
            cursor.execute(self.statement.sql, values)
            rows = cursor.fetchall()
        if self.remembered is not None:
            return [self.remembered.of(row, self._made) for row in rows]
        return [self._made(row) for row in rows]

    def _made(self, row: Sequence[Any]) -> Any:
        connection = connections[DEFAULT_DB_ALIAS]
        values = list(row)
        for column, convert, expression in self.converters:
            value = values[column]
            for step in convert:
                value = step(value, expression, connection)
            values[column] = value
        return self.build(values) if self.build else tuple(values)


def _statement(query: Any) -> _Statement:
    return _Statement(*query.get_compiler(using=DEFAULT_DB_ALIAS).as_sql())


def _selection(queryset: QuerySet[Any, Any], remembers: bool) -> _Selection:
    compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([selected[0] for selected in compiler.select])
    of_models = issubclass(queryset._iterable_class, ModelIterable)
    return _Selection(
        statement=_Statement(sql, parameters),
        converters=[(column, *found) for column, found in converters.items()],
        build=_builder(compiler) if of_models else None,
        remembered=Remembered() if remembers else None,
    )


def _builder(compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """How Django makes an instance of a row, with the related ones inside."""
    info, select = compiler.klass_info, compiler.select
    model: type[Model] = info["model"]
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [selected[0].target.attname for selected in select[start:end]]
    # The stubs are those of a newer Django.
    populators = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]

    def build(row: Sequence[Any]) -> Any:
        instance = blank(model)
        instance.__dict__.update(zip(names, row[start:end], strict=True))
        for populator in populators:
            populator.populate(row, instance)
        return instance

    return build
