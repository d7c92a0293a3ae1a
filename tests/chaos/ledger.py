"""The installation's own tables, read past all of its code."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import psycopg

JOBS = """
    SELECT j.entity_name, j.operation, j.state, j.reason, j.maybe_sent, j.position,
           a.number, a.outcome, a.status, a.started, a.reason
    FROM provisioning_job j LEFT JOIN provisioning_attempt a ON a.job_id = j.id
    WHERE j.entity_id IN (
        SELECT named.entity_id FROM provisioning_job named WHERE named.entity_name LIKE '{like}'
    )
    ORDER BY j.entity_id, j.position, a.started
"""

UNFINISHED = """
    SELECT state, entity_name, operation, reason, attempts, maybe_sent, not_before, lease_until
    FROM provisioning_job WHERE state IN ('pending', 'running', 'held', 'failed')
    ORDER BY position LIMIT 10
"""


class Ledger:
    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement; what it selects, if it does."""
        if self.url.startswith("sqlite"):
            file = self.url.removeprefix("sqlite:///")
            with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def states(self) -> dict[str, int]:
        return dict(self.rows("SELECT state, count(*) FROM provisioning_job GROUP BY state"))

    def unfinished(self) -> list[tuple[Any, ...]]:
        """The oldest jobs that are not over well."""
        return self.rows(UNFINISHED)

    def leases_run_out(self) -> None:
        """As if a minute had passed: what dead workers had claimed may be taken again.

        Only when every worker is dead, and nothing is under way at the target. PostgreSQL may
        still be busy with the last lease that one of them asked for: wait for its lock.
        """
        if not self.url.startswith("sqlite"):
            self.rows("SELECT FROM idp_outboundconnector FOR UPDATE")
        self.rows(
            "UPDATE provisioning_job SET lease_until = '2020-01-01 00:00:00' "
            "WHERE state = 'running'"
        )
        self.rows("DELETE FROM provisioning_seats")

    def story_of(self, name: str) -> str:
        """The jobs and attempts of everybody who ever had that name, oldest first."""
        found = self.rows(JOBS.format(like=name.replace("'", "''")))
        return "\n".join("  " + " | ".join(map(str, row)) for row in found)
