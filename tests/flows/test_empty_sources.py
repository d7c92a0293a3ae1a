"""A source that is empty, broken or half-read takes nobody away."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from idp.models import Membership, User
from provisioning import reconsidering
from provisioning.models import Job, Reconsideration
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names
from tests.provisioning.management.running import run

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = [f"person-{n}" for n in range(5)]
TENANT = "version: 1\ntenants:\n  - domain: carbon.super\n"


@pytest.fixture
def there(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Callable[[], None]
) -> Scim2Target:
    members = [store.add_user(name).entity_id for name in PEOPLE]
    store.add_group("sales", members=members)
    row.provider.provisioning_roles = ["sales"]
    row.provider.save()
    deliver()
    assert names(target) == PEOPLE
    return target


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("empty.csv", "", 2),
        ("header.csv", "userName,groups\n", 0),
        ("half.csv", "userName,groups\nperson-0,sales\nperson-1,sal", 1),
        ("broken.csv", 'userName,groups\n"person-0,sales\nperson-1', 1),
        ("missing.csv", None, 2),
        ("empty.yaml", "", 2),
        ("nobody.yaml", f"{TENANT}    users: []\n    groups: []\n", 0),
        ("half.yaml", f"{TENANT}    users:\n      - {{username: person-0, gro", 2),
        ("no-source.yaml", f"{TENANT}    users: {{file: nowhere.yaml}}\n", 2),
    ],
)
def test_nobody_goes(
    there: Scim2Target, deliver: Callable[[], None], tmp_path: Path,
    name: str, text: str | None, code: int,
) -> None:  # fmt: skip
    file = tmp_path / name
    if text is not None:
        file.write_text(text)

    ended = run("import_users" if file.suffix == ".csv" else "apply", file)
    deliver()

    assert ended.code == code, ended.err
    assert set(PEOPLE) <= set(names(there))
    assert User.objects.filter(username__in=PEOPLE).count() == len(PEOPLE)
    assert Membership.objects.count() >= len(PEOPLE)
    assert not Job.objects.filter(operation__in=["delete", "withdraw"]).exists()
    assert not there.requests("DELETE")


class Silent:
    """The tables of the user store answer no question."""

    def __call__(
        self, execute: Execute, sql: str, values: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if re.search(r'(?:FROM|JOIN) "idp_(?:user|membership|group|userstore)"', sql):
            raise OperationalError("the store does not answer")
        return execute(sql, values, many, context)


def test_nobody_goes_while_the_store_does_not_answer(
    there: Scim2Target, row: OutboundTarget, store: Store, deliver: Callable[[], None]
) -> None:
    """Whoever is not found among the groups would lose the account; not being told is not
    the same."""
    provider = row.provider
    before = list(provider.provisioning_roles)
    provider.provisioning_roles = ["sales", "others"]
    provider.save()
    reconsidering.follow_roles(provider, before, actor="ops")
    asking: list[Callable[[], object]] = [
        reconsidering.work,
        reconsidering.follow_settings,
        lambda: store.add_user("new"),
        deliver,
    ]
    for ask in asking:
        with connection.execute_wrapper(Silent()), suppress(OperationalError):
            ask()

    assert names(there) == PEOPLE
    assert Reconsideration.objects.exists()

    while reconsidering.work():
        pass
    deliver()

    assert not Reconsideration.objects.exists()
    assert names(there) == PEOPLE
    assert not Job.objects.filter(operation__in=["delete", "withdraw"]).exists()
    assert not there.requests("DELETE")
