"""Where an entity is, asked while a worker is just finishing what brings it there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from idp.models import OutboundConnector, User
from provisioning import subjects
from provisioning.places import Places, places_at, places_of
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, connector, deliver, row, store, target

__all__ = ["connector", "deliver", "row", "store", "target"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_somebody_who_arrives_meanwhile_is_somewhere(
    target: Scim2Target, connector: OutboundConnector, store: Store, deliver: Step, many: bool
) -> None:
    store.add_user("kim")
    kim = User.objects.get(username="kim")
    subject = subjects.of_user(kim)

    def asked() -> Places:
        return places_at(connector.pk, [kim.pk]) if many else places_of(subject)

    (place,) = with_work_in_between(asked, deliver).values()

    assert [user["userName"] for user in target.users.values()] == ["kim"]
    assert place.is_there


def with_work_in_between(ask: Callable[[], Places], work: Step) -> Places:
    """Between the first question and the second, `work` is done."""
    asked = 0

    def counting(execute: Callable[..., Any], *question: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 2:
            work()
        return execute(*question)

    with connection.execute_wrapper(counting):
        return ask()
