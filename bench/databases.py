"""Databases that are filled once and copied for every round."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench import processes


@dataclass
class Database:
    """An installation's data: a folder, and on PostgreSQL a database of its own."""

    folder: Path
    server: str = ""
    name: str = ""
    copies: int = field(default=0, init=False)

    @property
    def url(self) -> str:
        if self.server:
            return urlsplit(self.server)._replace(path=f"/{self.name}").geturl()
        return f"sqlite:///{self.folder / 'purveyor.sqlite3'}"

    def environment(self, **more: str) -> dict[str, str]:
        return processes.environment(self.folder, self.url, **more)

    @contextmanager
    def copy(self) -> Iterator[Database]:
        """The same data for one round; nobody may be connected to the original."""
        self.copies += 1
        suffix = f"_{self.copies}"
        folder = self.folder.with_name(self.folder.name + suffix)
        shutil.copytree(self.folder, folder)
        copied = Database(folder, self.server, self.name + suffix)
        if self.server:
            _on(self.server, "CREATE DATABASE {} TEMPLATE {}", copied.name, self.name)
        try:
            yield copied
        finally:
            copied.drop()

    def drop(self) -> None:
        if self.server:
            _on(self.server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def database(folder: Path, server: str = "") -> Iterator[Database]:
    """An empty, migrated installation; `server` is PostgreSQL's URL, otherwise SQLite."""
    folder.mkdir(parents=True)
    made = Database(folder, server, f"bench_{os.getpid()}_{folder.parent.name}_{folder.name}")
    if server:
        _on(server, "CREATE DATABASE {}", made.name)
    try:
        processes.manage("migrate", "--verbosity", "0", env=made.environment())
        yield made
    finally:
        made.drop()


def reachable(server: str) -> str:
    """Why not, or nothing."""
    if not server:
        return "there is no PostgreSQL"
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return " ".join(str(error).split())
    return ""


def _on(server: str, statement: str, *names: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
