"""Which targets a change reaches: by whose rows, and by which of their flags."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from connectors import EntityType
from idp.models import OutboundConnector, Tenant
from provisioning import operations
from provisioning.changes import Accepted, Action, Change, Door, Result, UserData
from provisioning.intake import accept
from provisioning.models import Job, ProvisionedEntity, State
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names, results, scim_of
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]

ACME = """
from connectors.scim.v2 import Scim2Connector

class AcmeConnector(Scim2Connector):
    key = "acme"
    label = "Acme"
"""


@pytest.fixture
def app(tenant: Tenant) -> ServiceProvider:
    return ServiceProvider.objects.create(tenant=tenant, name="app")


@pytest.fixture
def acme(
    tenant: Tenant,
    connector: OutboundConnector,
    second: Scim2Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> OutboundConnector:
    """A second connector of the same identity provider, of a kind of the operator's own."""
    (tmp_path / "acme_of_ours.py").write_text(ACME)
    info = tmp_path / "acme_of_ours-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-of-ours\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[purveyor.connectors]\nacme = acme_of_ours:AcmeConnector\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return make_connector(tenant, second.settings, type="acme")


def login(service_provider: ServiceProvider, name: str, user_id: object = None) -> Accepted:
    """A federated login that makes or brings up to date a local user."""
    return accept(
        Change(
            tenant=service_provider.tenant,
            service_provider=service_provider,
            door=Door.JIT,
            actor="login",
            action=Action.UPDATE if user_id else Action.CREATE,
            entity_type=EntityType.USER,
            entity_id=user_id,  # type: ignore[arg-type]
            user=UserData(name=name, document={"title": "from the login"}),
        )
    )


def test_basic_goes_where_the_resident_sends_and_bearer_where_the_application_does(
    client: Client,
    tenant: Tenant,
    row: OutboundTarget,
    app: ServiceProvider,
    target: Scim2Target,
    second: Scim2Target,
    deliver: Step,
) -> None:
    send_to(app, make_connector(tenant, second.settings, name="second"))
    make_operator(tenant)
    Scim(client, credentials=basic()).make_user("resident")
    scim_of(client, app).make_user("application")
    deliver()

    assert (names(target), names(second)) == (["resident"], ["application"])


def test_two_connectors_of_one_identity_provider_do_not_know_each_other(
    connector: OutboundConnector,
    acme: OutboundConnector,
    resident: ServiceProvider,
    app: ServiceProvider,
    target: Scim2Target,
    second: Scim2Target,
    deliver: Step,
) -> None:
    """WSO2 #9194: two of them shared whichever connector was built first."""
    send_to(resident, connector)
    send_to(app, acme, blocking=True)

    mine = Store(resident).add_user("mine")
    theirs = Store(app).add_user("theirs")
    assert results(mine) == {"partner/scim2": Result.QUEUED}
    assert results(theirs) == {"partner/acme": Result.DONE}
    deliver()
    assert (names(target), names(second)) == (["mine"], ["theirs"])

    # Of whichever service provider a change comes, it goes to where the person is.
    through_app = Store(app).set_user(mine.entity_id, "mine", document={"title": "Lead"})
    assert results(through_app) == {"partner/scim2": Result.QUEUED, "partner/acme": Result.DONE}
    deliver()
    assert (names(target), names(second)) == (["mine"], ["mine", "theirs"])
    assert {user["title"] for user in target.users.values()} == {"Lead"}


def test_the_jit_flag_of_one_row_is_not_that_of_another(
    connector: OutboundConnector,
    resident: ServiceProvider,
    app: ServiceProvider,
    target: Scim2Target,
    deliver: Step,
) -> None:
    """WSO2 #5587, #5595: the flag stuck to the connector, whoever asked next."""
    send_to(resident, connector)
    row = send_to(app, connector, jit_outbound=True)

    assert results(login(resident, "kim")) == {"partner/scim2": Result.SKIPPED}
    assert results(login(app, "lee")) == {"partner/scim2": Result.QUEUED}
    assert results(login(resident, "pat")) == {"partner/scim2": Result.SKIPPED}
    # With the flag a row takes what is no login as well.
    assert results(Store(app).add_user("max")) == {"partner/scim2": Result.QUEUED}
    row.jit_outbound = False
    row.save()
    assert results(login(app, "sam")) == {"partner/scim2": Result.SKIPPED}
    deliver()

    assert names(target) == ["lee", "max"]


def test_a_login_updates_an_account_only_where_its_row_takes_logins(
    connector: OutboundConnector,
    resident: ServiceProvider,
    app: ServiceProvider,
    target: Scim2Target,
    deliver: Step,
) -> None:
    send_to(resident, connector)
    send_to(app, connector, jit_outbound=True)
    kim = Store(resident).add_user("kim", document={"title": "by hand"})
    lee = Store(app).add_user("lee", document={"title": "by hand"})
    deliver()

    # Judged by the row that sent them there, not by the caller's.
    skipped = login(app, "kim", kim.entity_id)
    assert [o.reason for o in skipped.outcomes] == ["the row has no JIT Outbound"]
    login(resident, "lee", lee.entity_id)
    deliver()

    titles = {user["userName"]: user["title"] for user in target.users.values()}
    assert titles == {"kim": "by hand", "lee": "from the login"}


def test_blocking_is_what_the_row_says_that_sent_the_person_there(
    connector: OutboundConnector,
    resident: ServiceProvider,
    app: ServiceProvider,
    target: Scim2Target,
    deliver: Step,
) -> None:
    waiting = send_to(resident, connector, blocking=True)
    send_to(app, connector)
    kim = Store(resident).add_user("kim")
    lee = Store(app).add_user("lee")
    deliver()

    by_app = Store(app).set_user(kim.entity_id, "kim", document={"title": "x"})
    by_resident = Store(resident).set_user(lee.entity_id, "lee", document={"title": "x"})
    assert results(by_app) == {"partner/scim2": Result.DONE}
    assert results(by_resident) == {"partner/scim2": Result.QUEUED}

    waiting.delete()
    gone = Store(ServiceProvider.objects.create(tenant=app.tenant, name="third"))
    assert results(gone.delete_user(kim.entity_id)) == {"partner/scim2": Result.QUEUED}
    deliver()
    assert names(target) == ["lee"]


def test_an_identity_provider_named_by_two_rows_has_one_account_of_a_person(
    connector: OutboundConnector,
    resident: ServiceProvider,
    app: ServiceProvider,
    target: Scim2Target,
    deliver: Step,
) -> None:
    send_to(resident, connector)
    second_row = send_to(app, connector)
    kim = Store(app).add_user("kim")
    Store(resident).set_user(kim.entity_id, "kim", document={"title": "Lead"})
    deliver()
    assert len(target.requests("POST", "/Users")) == 1
    assert ProvisionedEntity.objects.get().target == second_row

    # Without the row that sent them there, that of whoever changes them next counts.
    second_row.delete()
    taken = Store(resident).set_user(kim.entity_id, "kim", document={"title": "Head"})
    assert results(taken) == {"partner/scim2": Result.QUEUED}
    deliver()
    assert [user["title"] for user in target.users.values()] == ["Head"]


def test_a_row_that_leads_elsewhere_by_now_does_not_judge_any_more(
    connector: OutboundConnector,
    acme: OutboundConnector,
    row: OutboundTarget,
    store: Store,
    target: Scim2Target,
    second: Scim2Target,
    deliver: Step,
) -> None:
    kim = store.add_user("kim", document={"title": "before"})
    lee = store.add_user("lee")
    target.fail_next(400, method="POST", path="/Users", times=1)
    deliver()
    [failed] = Job.objects.filter(state=State.FAILED)
    row.connector = acme
    row.save()

    moved = store.set_user(
        lee.entity_id if failed.entity_id == kim.entity_id else kim.entity_id,
        "moved",
        document={"title": "after"},
    )
    assert results(moved) == {"partner/scim2": Result.SKIPPED, "partner/acme": Result.QUEUED}
    operations.retry(Job.objects.filter(pk=failed.pk), actor="ops")
    deliver()

    failed.refresh_from_db()
    assert (failed.state, "no row" in failed.reason) == (State.CANCELLED, True)
    assert len(target.users) == 1
    assert names(second) == ["moved"]
    store.delete_user(moved.entity_id)
    deliver()
    assert (target.users, second.users) == ({}, {})
