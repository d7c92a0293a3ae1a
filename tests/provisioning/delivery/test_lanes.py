"""A lane whose database fails at the worst moments of leasing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from idp.models import OutboundConnector
from provisioning.delivery.lanes import Finished, Lane
from provisioning.delivery.returns import Returns
from provisioning.models import Job, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


class Failing:
    """The connection ends with the commit of a lease, or with the first question after it."""

    def __init__(self, *, with_the_commit: bool) -> None:
        self.with_the_commit = with_the_commit
        self.leased = False

    def __call__(
        self, execute: Execute, sql: str, values: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if self.leased and not self.with_the_commit:
            self._fail()
        answer = execute(sql, values, many, context)
        if sql.startswith('UPDATE "provisioning_job"') and "lease_token" in sql:
            # Hooks run when the commit is done; what they raise, whoever commits is told.
            transaction.on_commit(self._fail if self.with_the_commit else self._commit)
        return answer

    def _commit(self) -> None:
        self.leased = True

    def _fail(self) -> None:
        raise OperationalError("the connection is lost")


@pytest.mark.parametrize("with_the_commit", [True, False])
def test_what_was_leased_when_the_database_failed_is_given_back_and_not_kept_for_a_minute(
    resident: ServiceProvider, with_the_commit: bool
) -> None:
    with Scim2Target() as target:
        connector = make_connector(resident.tenant, target.settings)
    send_to(resident, connector)
    Store(resident).add_user("kim")
    events: Returns[Finished] = Returns()
    lane = Lane(events)

    failing = Failing(with_the_commit=with_the_commit)
    with connection.execute_wrapper(failing), pytest.raises(OperationalError):
        lane.refill(connector, 1)
    job = Job.objects.get()
    assert job.state == State.RUNNING
    assert not lane.busy

    lane.hand_back()

    job.refresh_from_db()
    assert (job.state, job.attempts, job.maybe_sent) == (State.PENDING, 0, False)
    assert leased_again(lane, connector)


def leased_again(lane: Lane, connector: OutboundConnector) -> bool:
    lane.refill(connector, 1)
    lane.hand_back()
    return lane.busy and Job.objects.get().state == State.RUNNING
