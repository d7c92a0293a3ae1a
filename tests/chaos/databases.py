"""A PostgreSQL database of one's own, and what can be done to its connections."""

from __future__ import annotations

import atexit
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.chaos.migrated import migrate

SERVER = os.environ.get("TEST_DATABASE_URL", "postgresql://root@127.0.0.1:5432/test")


def must_have(what: str, missing: str) -> None:
    """Skip without it; but where everything has to be there, that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: {missing}")
    pytest.skip(f"{what}: {missing}")


@contextmanager
def own_database() -> Iterator[str]:
    """Its URL; it is migrated, and goes away at the end."""
    try:
        psycopg.connect(SERVER, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        must_have("no PostgreSQL at TEST_DATABASE_URL", str(error))
    name = _new_name()
    _run(f'CREATE DATABASE "{name}" TEMPLATE "{_template()}"')
    try:
        yield _url(name)
    finally:
        _drop(name)


def end_connections(url: str) -> None:
    """End everybody's connection to the database, whatever it does just now."""
    name = urlsplit(url).path.strip("/")
    _run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@cache
def _template() -> str:
    name = _new_name()
    _run(f'CREATE DATABASE "{name}"')
    atexit.register(_drop, name)
    migrate(_url(name))
    return name


def _new_name() -> str:
    return f"chaos_{uuid.uuid4().hex[:12]}"


def _url(name: str) -> str:
    return urlsplit(SERVER)._replace(path=f"/{name}").geturl()


def _drop(name: str) -> None:
    _run(f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(statement: str, values: list[str] | None = None) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement, values)
