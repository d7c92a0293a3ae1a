from __future__ import annotations

import pytest

from connectors import EntityType
from idp.models import Group, Membership, Tenant, User
from provisioning import subjects
from provisioning.configuration import ConfigurationError, apply, export
from provisioning.models import AuditEvent, Job
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.provisioning.configuration.files import applied, in_tenant

pytestmark = pytest.mark.usefixtures("tenant")

GIVEN = "http://wso2.org/claims/givenname"
PEOPLE = in_tenant(
    "user_stores: [{domain: STAFF}], groups: [{name: STAFF/sales}, {name: Internal/staff}], "
    "users: [{username: STAFF/kim, password: secret-1, groups: [STAFF/sales], "
    "claims: {'http://wso2.org/claims/givenname': Kim, "
    "'http://wso2.org/claims/active': 'true'}}]"
)


def kim() -> User:
    return User.objects.get(username_key="kim")


def test_groups_and_users_come_in_and_are_provisioned_like_anybodys(
    tenant: Tenant, resident: ServiceProvider
) -> None:
    connector = make_connector(tenant, {"user_endpoint": "http://127.0.0.1:9/Users"})
    send_to(resident, connector)

    report = applied(PEOPLE)

    assert {(line.kind, line.name) for line in report.lines if line.result == "created"} == {
        ("user store", "STAFF"),
        ("group", "STAFF/sales"),
        ("group", "Internal/staff"),
        ("user", "STAFF/kim"),
    }
    assert subjects.group_names(kim().pk) == {"STAFF/sales"}
    assert kim().document == {"name": {"givenName": "Kim"}}
    job = Job.objects.get(entity_type=EntityType.USER)
    assert (job.operation, job.door, job.entity_name) == ("create", "import", "STAFF/kim")


def test_a_second_time_changes_nothing_and_never_a_password() -> None:
    applied(PEOPLE)
    before = User.objects.values().get()

    report = applied(PEOPLE.replace("secret-1", "secret-2"))

    assert {str(line.result) for line in report.lines} == {"unchanged"}
    assert User.objects.values().get() == before


def test_claims_not_given_keep_their_values_and_memberships_are_only_added() -> None:
    applied(PEOPLE)

    report = applied(
        in_tenant(
            "groups: [{name: STAFF/boss}], users: [{username: staff/KIM, groups: [staff/Boss], "
            "claims: {'http://wso2.org/claims/title': Boss}}]"
        )
    )

    assert [str(line.result) for line in report.lines[1:]] == ["created", "changed"]
    assert kim().document == {"name": {"givenName": "Kim"}, "title": "Boss"}
    assert kim().username == "kim"
    assert subjects.group_names(kim().pk) == {"STAFF/sales", "STAFF/boss"}


def test_absent_deletes_users_and_groups() -> None:
    applied(PEOPLE)
    gone = in_tenant(
        "groups: [{name: STAFF/sales, state: absent}, {name: nope, state: absent}], "
        "users: [{username: STAFF/kim, state: absent}]"
    )

    report = applied(gone)

    assert [str(line.result) for line in report.lines[1:]] == [
        "deleted",
        "unchanged",
        "deleted",
    ]
    assert not User.objects.exists()
    assert not Membership.objects.exists()
    assert applied(gone).as_json()["unchanged"] == 4


def test_one_who_is_refused_holds_back_nobody_else() -> None:
    report = applied(
        in_tenant("users: [{username: kim, groups: [nope]}, {username: lee, groups: []}]")
    )

    refused, created = report.lines[1:]
    assert (refused.name, str(refused.result)) == ("kim", "refused")
    assert refused.fields[0].startswith("tenants[0].users[0]: ")
    assert (created.name, str(created.result)) == ("lee", "created")


def test_a_dry_run_tells_about_people_and_makes_none() -> None:
    report = applied(PEOPLE.replace("carbon.super", "new.example"), dry_run=True)

    assert [(line.kind, str(line.result)) for line in report.lines[-3:]] == [
        ("group", "created"),
        ("group", "created"),
        ("user", "created"),
    ]
    assert not User.objects.exists()
    assert not Group.objects.exists()
    assert not AuditEvent.objects.exists()


def test_people_are_exported_on_demand_and_come_back_unchanged(tenant: Tenant) -> None:
    applied(PEOPLE)

    tree = export(tenant, people=True)

    assert "users" not in export(tenant)["tenants"][0]
    [user] = tree["tenants"][0]["users"]
    assert (user["username"], user["claims"][GIVEN]) == ("STAFF/kim", "Kim")
    assert {str(line.result) for line in apply(tree, actor="t").lines} == {"unchanged"}


def test_a_tenant_or_store_with_people_stays() -> None:
    applied(PEOPLE.replace("carbon.super", "b.example"))

    for gone in ("state: absent", "user_stores: [{domain: STAFF, state: absent}]"):
        with pytest.raises(ConfigurationError, match="still has users or groups"):
            applied(in_tenant(gone).replace("carbon.super", "b.example"))
