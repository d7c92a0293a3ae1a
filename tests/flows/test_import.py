"""A file of people: they arrive at the target, in their groups, and only once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from provisioning.models import Job, State
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.provisioning.management.running import run

pytestmark = pytest.mark.django_db(transaction=True)


def test_imported_people_arrive_in_their_groups_and_a_second_time_nothing_is_sent(
    row: OutboundTarget,
    target: Scim2Target,
    store: Store,
    deliver: Callable[[], None],
    tmp_path: Path,
) -> None:
    store.add_group("sales")
    deliver()
    file = tmp_path / "people.csv"
    lines = [f"person-{n},Person {n},{'sales' if n % 2 else ''}\n" for n in range(40)]
    file.write_text("userName,displayName,groups\n" + "".join(lines))

    assert run("import_users", file).out == "40 created, 0 changed, 0 unchanged, 0 refused\n"
    deliver()

    assert sorted(user["userName"] for user in target.users.values()) == sorted(
        f"person-{n}" for n in range(40)
    )
    assert target.member_names("sales") == sorted(f"person-{n}" for n in range(1, 40, 2))
    assert not Job.objects.exclude(state=State.DONE).exists()

    sent = target.count_requests()
    assert run("import_users", file).out == "0 created, 0 changed, 40 unchanged, 0 refused\n"
    deliver()
    assert target.count_requests() == sent
