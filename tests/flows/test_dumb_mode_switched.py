"""Dumb mode of the tenant's own doors, and what stays when it is switched on or off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from idp.models import Group, OutboundConnector, Tenant, User
from provisioning import explain, subjects
from provisioning.changes import InvalidValue, NotFound
from provisioning.models import AuditEvent, Job, PassingEntity, State
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.console import sign_in
from tests.factories import send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.provisioning.inbound.scim2.conftest import Scim
from tests.provisioning.management.running import run

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


@pytest.fixture
def dumb(resident: ServiceProvider, row: OutboundTarget) -> ServiceProvider:
    """The resident service provider: the console, imports, and SCIM with Basic."""
    resident.dumb_mode = True
    resident.save()
    return resident


def test_what_was_sent_stays_when_it_is_switched_off_and_can_be_withdrawn(
    scim: Scim,
    portal: ServiceProvider,
    onward: OutboundTarget,
    target: Scim2Target,
    tenant: Tenant,
    deliver: Step,
    later: Step,
) -> None:
    kim, lee = scim.make_user("kim")["id"], scim.make_user("lee")["id"]
    deliver()
    ServiceProvider.objects.filter(pk=portal.pk).update(dumb_mode=False)

    assert scim("GET", f"/Users/{kim}").status == 404
    assert scim("DELETE", f"/Users/{kim}").status == 404
    assert len(target.users) == 2
    # Stored now, kim meets her own account there; it is nobody's to take over unseen.
    assert scim("POST", "/Users", {"userName": "kim"}).status == 201
    deliver()
    assert Job.objects.get(state=State.HELD).reason_code == "remote_name_taken"

    console = sign_in(tenant)
    page = console.get(
        reverse("admin:serviceproviders_serviceprovider_change", args=[portal.pk])
    )
    assert "<strong>2</strong> users and groups" in page.content.decode()
    listed = console.get(reverse("admin:provisioning_passingentity_changelist"))
    assert "kim" in listed.content.decode()
    press = reverse("admin:provisioning_passingentity_press", args=[kim, "withdraw"])
    told = console.post(press, {"confirmed": "1"}, follow=True).content.decode()
    assert "kim is withdrawn" in told
    deliver()

    assert [user["userName"] for user in target.users.values()] == ["lee"]
    assert [str(row.pk) for row in PassingEntity.objects.all()] == [lee]
    event = AuditEvent.objects.get(action="user.delete")
    assert (event.actor, event.service_provider) == ("ops", "hr-portal")


def test_stored_people_stay_when_it_is_switched_on_and_operators_still_reach_them(
    store: Store, row: OutboundTarget, target: Scim2Target, deliver: Step
) -> None:
    kim = store.add_user("kim")
    sales = store.add_group("sales", members=[kim.entity_id])
    store.service_provider.dumb_mode = True
    store.service_provider.save()

    store.set_user(kim.entity_id, "kim", document={"title": "Lead"}, password="a-secret-123")
    lee = store.add_user("lee")
    with pytest.raises(InvalidValue, match="has sent no user"):
        store.add_group("mixed", members=[kim.entity_id])
    deliver()
    assert User.objects.get().document == {"title": "Lead"}
    assert User.objects.get().password
    assert {u["userName"] for u in target.users.values()} == {"kim", "lee"}

    store.delete_group(sales.entity_id)
    store.delete_user(kim.entity_id)
    store.delete_user(lee.entity_id)
    deliver()
    with pytest.raises(NotFound):
        store.delete_user(lee.entity_id)
    assert (target.users, target.groups) == ({}, {})
    assert not User.objects.exists()
    assert not PassingEntity.objects.exists()


def test_a_person_made_in_the_console_goes_onward(
    dumb: ServiceProvider, target: Scim2Target, tenant: Tenant, deliver: Step
) -> None:
    console = sign_in(tenant)
    form = {"username": "kim", "store": "PRIMARY", "title": "Lead", "active": "on"}
    answer = console.post(reverse("admin:idp_user_add"), form, follow=True)
    told = answer.content.decode()
    assert "kim was sent onward and is not stored" in told
    assert "Where is this person?" in told
    group = {"name": "sales", "store": "PRIMARY", "members": "kim"}
    console.post(reverse("admin:idp_group_add"), group)
    deliver()

    assert target.member_names("sales") == ["kim"]
    assert not User.objects.exists()
    assert not Group.objects.exists()


def test_an_import_goes_onward_and_can_be_repeated(
    dumb: ServiceProvider, target: Scim2Target, tmp_path: Path, deliver: Step
) -> None:
    people = tmp_path / "people.csv"
    people.write_text("userName,title,groups\nkim,Lead,sales;other\nlee,,\n")
    file = tmp_path / "people.yaml"
    file.write_text(
        "version: 1\ntenants:\n  - domain: carbon.super\n    groups: [{name: sales}]\n"
        "    users:\n      - {username: kim, groups: [sales, other]}\n"
    )
    call_command("apply", str(file))
    call_command("import_users", str(people))
    deliver()
    assert {(u["userName"], u.get("title")) for u in target.users.values()} == {
        ("kim", "Lead"),
        ("lee", None),
    }
    assert target.member_names("sales") == ["kim"]
    assert not User.objects.exists()
    kim = PassingEntity.objects.get(name="kim")
    assert subjects.of_passing(kim).groups == {"sales", "other"}

    versions = dict(PassingEntity.objects.values_list("pk", "version"))
    call_command("import_users", str(people))
    call_command("apply", str(file))
    assert dict(PassingEntity.objects.values_list("pk", "version")) == versions

    file.write_text(
        "version: 1\ntenants:\n  - domain: carbon.super\n"
        "    groups: [{name: sales, state: absent}]\n"
        "    users: [{username: kim, state: absent}, {username: lee, state: absent}]\n"
    )
    call_command("apply", str(file))
    deliver()
    assert (target.users, target.groups) == ({}, {})


def test_explain_and_the_pages_know_who_passes_through(
    scim: Scim, onward: OutboundTarget, tenant: Tenant, portal: ServiceProvider, deliver: Step
) -> None:
    kim = scim("POST", "/Users", {"userName": "kim", "title": "Lead"}).body["id"]
    scim.make_group("sales", [kim])
    told = run("explain", "kim", "--service-provider", "hr-portal", "--json").json
    assert [t["verdict"] for t in told["targets"]] == ["update"]
    assert told["targets"][0]["payload"]["attributes"] == {"title": "Lead"}
    subject = subjects.find(tenant, "user", PassingEntity.objects.get(name="kim").pk)
    assert subject is not None
    assert explain.explain_subject(subject, portal)["user"] == "kim"
    deliver()

    console = sign_in(tenant)
    for job in Job.objects.all():
        page = console.get(reverse("admin:provisioning_job_change", args=[job.pk]))
        assert reverse("admin:provisioning_passingentity_change", args=[job.entity_id]) in (
            page.content.decode()
        )
    page = console.get(reverse("admin:provisioning_passingentity_change", args=[kim]))
    assert "partner/scim2" in page.content.decode()
    PassingEntity.objects.filter(pk=kim).update(sealed_state=b"damaged")
    page = console.get(reverse("admin:provisioning_passingentity_change", args=[kim]))
    assert "cannot be read" in page.content.decode()


def test_a_store_is_kept_while_names_of_its_own_are_at_targets(
    scim: Scim, onward: OutboundTarget, tenant: Tenant, tmp_path: Path, client: Client
) -> None:
    call_command("apply", str(_file(tmp_path, "user_stores: [{domain: STAFF}]")))
    assert scim.make_user("staff/kim")["userName"] == "STAFF/kim"
    assert scim.found('userName eq "STAFF/kim"') == ["STAFF/kim"]

    refused = run(
        "apply", str(_file(tmp_path, "user_stores: [{domain: STAFF, state: absent}]"))
    )

    assert refused.code == 2
    assert "withdraw them first" in refused.err


def test_the_file_switches_it_and_nothing_is_stored_in_a_store_as_well(
    tenant: Tenant, connector: OutboundConnector, tmp_path: Path
) -> None:
    rows = "outbound: [{identity_provider: partner, connector: scim2}]"
    entry = "service_providers: [{name: hr, inbound: {dumb_mode: true%s}, " + rows + "}]"
    call_command("apply", str(_file(tmp_path, entry % "")))
    assert ServiceProvider.objects.get(name="hr").dumb_mode
    exported = run("export").out
    assert "dumb_mode: true" in exported

    refused = run("apply", str(_file(tmp_path, entry % ", user_store: PRIMARY")))
    assert refused.code == 2
    assert "inbound.user_store: nothing is stored in dumb mode" in refused.err


def _file(folder: Path, text: str) -> Path:
    path = folder / "applied.yaml"
    path.write_text(f"version: 1\ntenants:\n  - domain: carbon.super\n    {text}\n")
    return path


def test_a_user_store_is_not_looked_at(
    scim: Scim, portal: ServiceProvider, onward: OutboundTarget, tenant: Tenant
) -> None:
    from idp.models import UserStore

    portal.user_store = UserStore.objects.create(tenant=tenant, domain="STAFF")
    portal.save()

    assert scim.make_user("kim")["userName"] == "kim"


def test_another_service_provider_sees_nobody(
    scim: Scim, onward: OutboundTarget, connector: OutboundConnector, tenant: Tenant
) -> None:
    from tests.flows.conftest import scim_of

    kim = scim.make_user("kim")["id"]
    other = ServiceProvider.objects.create(tenant=tenant, name="other", dumb_mode=True)
    send_to(other, connector)
    stranger = scim_of(scim.http, other)

    assert stranger("GET", f"/Users/{kim}").status == 404
    assert stranger("DELETE", f"/Users/{kim}").status == 404
    assert stranger.found('userName eq "kim"') == []
    assert stranger.make_user("kim")["id"] != kim
