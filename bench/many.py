"""A database as it is after years: what a thousand people left behind, many times over.

The first thousand are imported and delivered by the engine; the others are copies of their
rows, made by the database itself. Copies differ in ids and names, so that every index is as
large and as wide as it would be. What was sealed for the first ones cannot be opened for
their copies: nothing that is measured here reads it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.databases import Database

IDS = {
    "idp_user": ("id",),
    "idp_searchvalue": ("user_id",),
    "provisioning_job": ("id", "change_id", "entity_id"),
    "provisioning_attempt": ("id", "job_id"),
    "provisioning_provisionedentity": ("id", "entity_id"),
    "provisioning_auditevent": ("id", "change_id", "subject_id"),
}
"""Tables that grow, and their columns with keys of rows that are copied."""

NAMES = frozenset(
    [
        "username",
        "username_key",
        "document",
        "value",
        "entity_name",
        "remote_name",
        "name_key",
        "subject_name",
    ]
)
PEOPLE = {
    "idp_user": "username_key LIKE 'person-%'",
    "provisioning_job": "entity_type = 'user'",
    "provisioning_provisionedentity": "entity_type = 'user'",
    "provisioning_auditevent": "subject_type = 'user'",
}
MADE_BY_DATABASE = {"idp_searchvalue": "id"}


@dataclass
class Sql:
    """A connection of either kind, and what differs between the two."""

    connection: Any
    postgres: bool

    def run(self, statement: str) -> list[Any]:
        cursor = self.connection.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []

    def columns(self, table: str) -> list[str]:
        """Those that are stored and not generated."""
        if self.postgres:
            rows = self.run(
                "SELECT column_name FROM information_schema.columns "
                f"WHERE table_name = '{table}' AND is_generated = 'NEVER'"
            )
        else:
            rows = self.run(f"SELECT name FROM pragma_table_info('{table}')")
        return [str(row[0]) for row in rows]

    def copied_id(self, column: str) -> str:
        """The same id with another end; `n` is the number of the copy."""
        if not self.postgres:
            return f"substr({column}, 1, length({column}) - 8) || printf('%08x', n)"
        text = f"{column}::text"
        made = f"left({text}, length({text}) - 8) || lpad(to_hex(n), 8, '0')"
        return f"({made}){'' if column == 'subject_id' else '::uuid'}"

    def copied_name(self, column: str) -> str:
        if not self.postgres:
            return f"replace({column}, 'person-', printf('p%06d-', n))"
        made = f"replace({column}::text, 'person-', 'p' || lpad(n::text, 6, '0') || '-')"
        return f"({made}){'::jsonb' if column == 'document' else ''}"

    def numbers(self, count: int) -> str:
        """A table `numbers` of 1 to `count` in a column `n`."""
        if self.postgres:
            return f"(SELECT n FROM generate_series(1, {count}) AS n) AS numbers"
        return (
            "(WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted "
            f"WHERE n < {count}) SELECT n FROM counted) AS numbers"
        )


@contextmanager
def connected(database: Database) -> Iterator[Sql]:
    """Fast and careless: only for data that can be made again."""
    if database.server:
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("SET synchronous_commit = off")
            yield Sql(connection, postgres=True)
        return
    file = sqlite3.connect(database.folder / "purveyor.sqlite3", isolation_level=None)
    try:
        file.execute("PRAGMA synchronous = OFF")
        file.execute("PRAGMA cache_size = -400000")
        yield Sql(file, postgres=False)
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        file.close()


def multiply(database: Database, times: int) -> None:
    """So many times the people, their jobs, links, attempts and audit events."""
    with connected(database) as sql:
        for table, ids in IDS.items():
            _copy(sql, table, ids, times - 1)
        sql.run(f"UPDATE idp_tally SET value = value * {times} WHERE kind = 'users'")
        if sql.postgres:
            sql.run("VACUUM ANALYZE")


def _copy(sql: Sql, table: str, ids: Sequence[str], copies: int) -> None:
    columns = [name for name in sql.columns(table) if name != MADE_BY_DATABASE.get(table)]
    special = {
        **{name: sql.copied_name(name) for name in columns if name in NAMES},
        **{name: sql.copied_id(name) for name in ids},
        "position": "position - n * 1000000",
        "remote_id": "remote_id || '-' || n",
        "exchanges": "'[]'",
        "sequence": "NULL",  # a chain of copies would be none
        "seal": "NULL",
    }
    chosen = ", ".join(special.get(name, name) for name in columns)
    where = PEOPLE.get(table, "true")
    sql.run(f"CREATE TEMPORARY TABLE first_ones AS SELECT * FROM {table} WHERE {where}")
    sql.run(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} "
        f"FROM {sql.numbers(copies)} CROSS JOIN first_ones"
    )
    sql.run("DROP TABLE first_ones")


def join(database: Database, sizes: Mapping[str, int]) -> list[str]:
    """Fill groups that exist and are at the target; ids of people who are in none of them.

    Members come from the end of the list, so that groups share them.
    """
    with connected(database) as sql:
        people = [row[0] for row in sql.run("SELECT id FROM idp_user ORDER BY id")]
        for name, size in sizes.items():
            _fill(sql, name, size)
    return [str(one) for one in people[: len(people) - max(sizes.values())]]


def _fill(sql: Sql, name: str, size: int) -> None:
    group = f"(SELECT id FROM idp_group WHERE name = '{name}')"
    link = (
        "(SELECT id FROM provisioning_provisionedentity "
        f"WHERE entity_type = 'group' AND entity_name = '{name}')"
    )
    new = "gen_random_uuid()" if sql.postgres else "lower(hex(randomblob(16)))"
    last = f"(SELECT id FROM idp_user ORDER BY id DESC LIMIT {size}) AS members"
    sql.run(
        "INSERT INTO idp_membership (id, user_id, group_id) "
        f"SELECT {new}, members.id, {group} FROM {last}"
    )
    sql.run(
        "INSERT INTO provisioning_acceptedmember (id, member_id, group_id) "
        f"SELECT {new}, members.id, {link} FROM {last}"
    )
    sql.run(f"UPDATE idp_group SET member_count = {size} WHERE name = '{name}'")
