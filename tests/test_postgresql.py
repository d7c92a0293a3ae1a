"""The engine's stories once more on PostgreSQL: locks, upserts and partial indexes differ."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parent.parent
URL = os.environ.get("TEST_DATABASE_URL", "postgresql://root@127.0.0.1:5432/test")
STORIES = (
    "tests/test_migrations.py",
    "tests/flows/test_change_to_target.py",
    "tests/flows/test_lost_answers.py",
    "tests/flows/test_dead_letters.py",
    "tests/flows/test_link_by_hand.py",
    "tests/flows/test_names_taken.py",
    "tests/flows/test_who_goes_where.py",
    "tests/flows/test_blocking.py",
    "tests/flows/test_dry_run.py",
    "tests/flows/test_dry_run_in_doubt.py",
    "tests/flows/test_maintenance.py",
    "tests/flows/test_side_by_side.py",
    "tests/flows/test_budgets.py",
    "tests/flows/test_concurrency.py",
    "tests/flows/test_throttling.py",
    "tests/flows/test_login_of_tenants.py",
    "tests/flows/test_dumb_mode_groups.py",
    "tests/flows/test_door_soap_to_target.py",
    "tests/flows/test_guard_cannot_be_passed.py",
    "tests/flows/test_guard_side_by_side.py",
    "tests/flows/test_back_again.py",
    "tests/flows/test_newer_deny.py",
    "tests/flows/test_sign_in_by_saml.py",
    "tests/flows/test_roles_listed_anew.py",
    "tests/idp/test_bulk_update.py",
    "tests/provisioning/chain/test_chain.py",
    "tests/provisioning/outbox/test_ending.py",
    "tests/provisioning/outbox/test_picking.py",
    "tests/provisioning/reconsidering/test_working.py",
    "tests/provisioning/inbound/scim2/test_users.py",
    "tests/provisioning/inbound/scim2/test_groups.py",
    "tests/provisioning/inbound/scim2/test_lists.py",
    "tests/provisioning/inbound/scim11/test_users.py",
    "tests/provisioning/inbound/scim11/test_lists.py",
    "tests/provisioning/inbound/soap/test_users.py",
    "tests/provisioning/api/test_operating.py",
    "tests/provisioning/api/test_people.py",
)


@pytest.fixture
def url() -> str:
    try:
        psycopg.connect(URL, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        message = f"no PostgreSQL at TEST_DATABASE_URL: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return URL


@pytest.mark.postgres
@pytest.mark.skipif("SUITE_DATABASE_URL" in os.environ, reason="this is that run")
def test_the_stories_hold_on_postgresql(url: str) -> None:
    environment = {
        **os.environ,
        "SUITE_DATABASE_URL": url,
        "PURVEYOR_TEST_DATABASE_NAME": f"test_purveyor_{os.getpid()}",
    }
    environment.pop("PYTEST_XDIST_WORKER", None)

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *STORIES],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
    )

    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
