from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken

from idp.models import OutboundConnector, Tenant
from provisioning.configuration import apply
from provisioning.models import AuditEvent, ConnectorHealth, Job, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.provisioning.configuration.files import tree
from tests.provisioning.inbound.calls import make_client
from tests.provisioning.management.running import run

DEAD = {"user_endpoint": "http://127.0.0.1:9/Users"}


@pytest.fixture
def connector(tenant: Tenant, resident: ServiceProvider) -> OutboundConnector:
    connector = make_connector(tenant, DEAD)
    send_to(resident, connector)
    return connector


def people(*names: str, domain: str = "carbon.super") -> None:
    users = ", ".join(f"{{username: {name}, password: hush-hush}}" for name in names)
    apply(tree(f"{{version: 1, tenants: [{{domain: {domain}, users: [{users}]}}]}}"), actor="t")


def test_status_counts_jobs_and_tells_of_every_connector(connector: OutboundConnector) -> None:
    people("kim", "lee")
    Job.objects.filter(entity_name="lee").update(state=State.FAILED)

    told = run("status", "--json").json

    assert told["jobs"] == {
        "pending": 1,
        "running": 0,
        "held": 0,
        "done": 0,
        "failed": 1,
        "superseded": 0,
        "cancelled": 0,
    }
    [row] = told["connectors"]
    assert row == {
        "tenant": "carbon.super",
        "identity_provider": "partner",
        "connector": "scim2",
        "state": "active",
        "queued": 1,
        "oldest_waiting_seconds": row["oldest_waiting_seconds"],
        "held": 0,
        "failed": 1,
        "owed": 0,
        "last_success": None,
        "held_by_guard": 0,
        "rehearsed": 0,
        "maintenance_until": None,
        "budget": {
            "requests_per_second": None,
            "concurrency": 4,
            "lowered_because": "",
            "used_today": 0,
            "left_today": None,
            "paused_until": None,
            "goes_on_at": None,
        },
        "eta_seconds": None,
        "remarks": [],
    }
    assert "carbon.super partner/scim2: active, 1 queued" in run("status").out
    assert run("status", "--tenant", "nope").code == 2


def test_status_tells_what_a_budget_lets_through_and_how_long_that_takes(
    connector: OutboundConnector,
) -> None:
    people(*(f"person-{number}" for number in range(61)))
    OutboundConnector.objects.update(requests_per_second=0.5, burst=1, daily_quota=100)
    [row] = run("status", "--json").json["connectors"]
    assert (row["budget"]["requests_per_second"], row["budget"]["left_today"]) == (0.5, 100)
    assert row["eta_seconds"] == 120
    assert "done in about 0:02:00" in run("status").out

    until = timezone.now() + timedelta(seconds=90)
    ConnectorHealth.objects.create(connector=connector, paused_until=until)
    [row] = run("status", "--json").json["connectors"]
    assert row["budget"]["paused_until"] == until.isoformat()
    assert 200 <= row["eta_seconds"] <= 210
    assert f"The target asked to wait until {until:%Y-%m-%d %H:%M:%S}." in run("status").out


def test_status_waits_until_nothing_is_under_way(connector: OutboundConnector) -> None:
    assert run("status", "--wait", 5).code == 0

    people("kim")
    ended = run("status", "--wait", 1)

    assert ended.code == 1
    assert ended.err == "Not idle after 1 seconds.\n"


def test_worker_once_delivers_what_is_due_and_ends(
    tenant: Tenant, resident: ServiceProvider
) -> None:
    with Scim2Target() as target:
        send_to(resident, make_connector(tenant, target.settings))
        people("kim")

        assert run("worker", "--once", "--threads", 1).code == 0

        assert target.user("kim") is not None
    assert run("status", "--json").json["jobs"]["done"] == 1


def test_explain_tells_every_gate_and_sends_nothing(connector: OutboundConnector) -> None:
    people("kim")
    connector.provider.provisioning_roles = ["Internal/staff"]
    connector.provider.save()
    jobs = Job.objects.count()

    ended = run("explain", "KIM", "--json")

    [target] = ended.json["targets"]
    assert (ended.json["user"], ended.json["service_provider"]) == ("kim", "resident")
    assert (target["identity_provider"], target["connector"]) == ("partner", "scim2")
    assert target["verdict"] == "withdraw"
    assert {
        "gate": "role",
        "ok": False,
        "reason": "holds none of the roles Internal/staff",
    } in (target["gates"])
    assert "hush-hush" not in ended.out
    assert Job.objects.count() == jobs
    assert "no   role: holds none of the roles Internal/staff" in run("explain", "kim").out


def test_explain_answers_for_the_past_and_for_groups(connector: OutboundConnector) -> None:
    people("kim")

    told = run("explain", "kim", "--at", "2999-01-01", "--json").json
    [target] = told["targets"]
    assert (target["verdict"], target["decisions"][0]["action"]) == ("create", "user.create")
    assert "create: entitled (t by import)" in run("explain", "kim", "--at", "2999-01-01").out
    assert run("explain", "kim", "--at", "2001-01-01").out == (
        "Nothing was decided about kim until then.\n"
    )
    assert run("explain", "kim", "--at", "soon").err.startswith("--at must be a day")
    role = run("explain", "Internal/boss", "--group")
    assert role.err == "There is no group Internal/boss in the tenant carbon.super.\n"
    asked = run("explain", "kim", "--idp", "partner", "--connector", "scim2", "--json").json
    assert [one["connector"] for one in asked["targets"]] == ["scim2"]
    assert run("explain", "kim", "--idp", "nope").code == 2


def test_explain_names_what_is_not_there(connector: OutboundConnector) -> None:
    assert run("explain", "nope").err == "There is no user nope in the tenant carbon.super.\n"
    people("kim")
    ended = run("explain", "kim", "--service-provider", "nope")
    assert (ended.code, ended.err) == (
        2,
        "There is no service provider nope in the tenant carbon.super.\n",
    )


def test_check_says_in_words_whether_the_connection_works(tenant: Tenant) -> None:
    with Scim2Target() as target:
        make_connector(tenant, target.settings)
        good = run("check", "partner", "scim2", "--json")
    bad = run("check", "partner", "scim2")

    assert (good.code, good.json["ok"]) == (0, True)
    assert bad.code == 1
    assert "NOT  The users endpoint: 127.0.0.1: the connection was refused\n" in bad.out
    assert run("check", "partner", "nope").code == 2


def test_check_without_a_connector_is_djangos(tenant: Tenant) -> None:
    ended = run("check", "--tag", "models")

    assert (ended.code, ended.out) == (0, "System check identified no issues (0 silenced).\n")


def test_retry_queues_failed_jobs_again(connector: OutboundConnector) -> None:
    people("kim", "lee", "max")
    Job.objects.update(state=State.FAILED, reason_code="job_wrong")
    Job.objects.filter(entity_name="lee").update(reason_code="gave_up")
    kim = Job.objects.get(entity_name="kim")

    assert run("retry", "--job", kim.pk, "--json").json == {"retried": 1, "left": 0}
    assert run("retry", "--signature", "gave_up").out == "1 queued again\n"
    assert run("retry", "--idp", "other", "--json").json["retried"] == 0
    assert (
        run("retry", "--idp", "partner", "--connector", "scim2", "--json").json["retried"] == 1
    )
    assert Job.objects.filter(state=State.PENDING).count() == 3
    assert run("retry", "--job", kim.pk).code == 2
    assert AuditEvent.objects.filter(action="job.retry", actor="manage.py retry").count() == 3


def test_retry_stays_in_its_tenant(connector: OutboundConnector, other_tenant: Tenant) -> None:
    people("kim")
    Job.objects.update(state=State.FAILED)

    assert run("retry", "--tenant", other_tenant.domain, "--json").json["retried"] == 0


def test_release_and_reject_held_jobs(connector: OutboundConnector) -> None:
    people("a", "b", "c", "d")
    Job.objects.update(state=State.HELD)
    oldest = Job.objects.order_by("position").first()
    assert oldest is not None

    assert run("release", "partner", "scim2", "--count", 1).out == "1 released\n"
    assert Job.objects.get(state=State.PENDING).pk == oldest.pk
    last = Job.objects.order_by("position").last()
    assert last is not None
    assert run("release", "--job", last.pk, "--reject", "--json").json == {"rejected": 1}
    assert run("release", "--all").out == "2 released\n"
    for wrong in ([], ["partner"], ["--all", "partner", "scim2"], ["--job", last.pk]):
        assert run("release", *wrong).code == 2


def test_prune_forgets_what_ended_long_ago_and_nothing_else(
    connector: OutboundConnector,
) -> None:
    people("done", "young", "failed", "open", "after")
    long_ago = timezone.now() - timedelta(days=91)
    Job.objects.exclude(entity_name="open").update(state=State.DONE, finished=long_ago)
    Job.objects.filter(entity_name="young").update(finished=timezone.now())
    Job.objects.filter(entity_name="failed").update(state=State.FAILED)
    after = Job.objects.get(entity_name="after")
    failed = Job.objects.get(entity_name="failed")
    # A job done after one of the same entity failed tells that retrying would undo it.
    Job.objects.filter(pk=after.pk).update(
        entity_id=failed.entity_id, version=9, position=failed.position + 9_000_000
    )

    told = run("prune", "--json").json
    assert told == {"jobs": 1, "audit_events": 0, "kept_as_evidence": {}}
    left = set(Job.objects.values_list("entity_name", flat=True))
    assert left == {"young", "failed", "open", "after"}
    assert "0 jobs and 0 events" in run("prune", "--days", 1000).out


def test_prune_forgets_tokens_that_have_expired(resident: ServiceProvider) -> None:
    client = make_client(resident)
    for token, hours in (("old", -1), ("new", 1)):
        expires = timezone.now() + timedelta(hours=hours)
        AccessToken.objects.create(
            application=client, token=token, expires=expires, scope="provisioning"
        )

    run("prune")

    assert [token.expires > timezone.now() for token in AccessToken.objects.all()] == [True]


def test_list_connectors_tells_the_settings_of_each() -> None:
    told = {connector["key"]: connector for connector in run("list_connectors", "--json").json}

    fields = {field["name"]: field for field in told["scim2"]["fields"]}
    assert fields["password"]["secret"] is True
    assert fields["user_endpoint"]["required"] is True
    [token] = [f for f in told["scim2"]["fields"] if f["name"] == "access_token"]
    assert token["shown_when"] == {"authentication": ["bearer"]}
    assert "scim2: " in run("list_connectors").out


def test_tenants_are_created_once(tenant: Tenant) -> None:
    assert run("create_tenant", "b.example", "--time-zone", "Europe/Paris").code == 0

    assert Tenant.objects.get(domain="b.example").time_zone == "Europe/Paris"
    again = run("create_tenant", "b.example")
    assert (again.code, again.err.count("\n")) == (2, 1)
    assert run("create_tenant", "B Example").code == 2
    assert run("create_tenant", "c.example", "--time-zone", "Mars").code == 2


def test_a_password_comes_from_the_environment_and_is_never_told(
    tenant: Tenant, other_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPS_PASSWORD", "marker-secret")
    given = ["--tenant", other_tenant.domain, "--password-env", "OPS_PASSWORD", "--use-doors"]

    ended = run("create_operator", "ops", "--role", "operator", "--json", *given)

    operator = other_tenant.operators.get()
    assert ended.json == {"username": "ops@partner.example", "role": "operator"}
    assert (operator.use_doors, operator.check_password("marker-secret")) == (True, True)
    assert "marker-secret" not in json.dumps(list(AuditEvent.objects.values()), default=str)
    assert run("create_operator", "ops", *given).err == (
        "There is an operator ops in partner.example already.\n"
    )
    assert run("create_operator", "a/b", *given).code == 2
    assert run("create_operator", "new", "--password-env", "NOT_SET").code == 2


def test_without_a_terminal_nobody_is_asked_for_a_password(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        ended = run("create_operator", "ops")

    assert ended.code == 2
    assert "use --password-env NAME" in ended.err
