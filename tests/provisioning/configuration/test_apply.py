from __future__ import annotations

from typing import Any

import pytest

from idp.models import IdentityProvider, Operator, OutboundConnector, Tenant, User, UserStore
from provisioning.configuration import ConfigurationError, apply
from provisioning.models import AuditEvent
from serviceproviders.models import OAuthClient, OutboundTarget, ServiceProvider
from tests.provisioning.configuration.files import FULL, applied, in_tenant

pytestmark = pytest.mark.usefixtures("tenant")


def connector() -> OutboundConnector:
    return OutboundConnector.objects.get(type="scim2")


def results(report: Any) -> dict[str, tuple[str, list[str]]]:
    return {f"{x.kind} {x.name}".strip(): (str(x.result), list(x.fields)) for x in report.lines}


def test_everything_a_file_says_is_stored() -> None:
    applied(FULL)

    provider = IdentityProvider.objects.get(name="partner")
    sent = connector()
    row = OutboundTarget.objects.get()
    client = OAuthClient.objects.get()
    assert Tenant.objects.get().time_zone == "Europe/Berlin"
    assert Operator.objects.get().check_password("letmein-123")
    assert provider.provisioning_roles == ["Internal/staff"]
    assert [m.remote for m in provider.claim_mappings.all()] == [
        "name.familyName",
        "locale",
        "nickName",
    ]
    assert provider.jit.user_store == UserStore.objects.get(domain="STAFF")
    assert sent.settings["password"] == "hush-hush"
    assert (sent.groups, sent.guard_window_minutes, sent.burst) == (["STAFF/sales"], 30, 3)
    assert (row.service_provider.is_resident, row.blocking) == (True, True)
    assert client.client_secret != "hr-secret-1"
    assert client.scopes == ["provisioning"]


def test_a_second_time_changes_nothing() -> None:
    first = applied(FULL)
    before = {m: list(m.objects.values()) for m in (IdentityProvider, OutboundConnector)}
    told = AuditEvent.objects.count()

    second = applied(FULL)

    assert second.as_json()["unchanged"] == len(first.lines) == len(second.lines)
    assert before == {m: list(m.objects.values()) for m in before}
    assert AuditEvent.objects.count() == told


def test_an_absent_key_and_an_absent_entry_keep_what_is_there() -> None:
    applied(FULL)

    report = applied(
        in_tenant(
            "operators: [], identity_providers: [{name: partner, connectors: [{type: scim2, "
            "settings: {username: other}, budget: {burst: 4}}]}]"
        )
    )

    sent = connector()
    assert results(report)["connector partner/scim2"] == ("changed", ["burst", "settings"])
    assert (sent.settings["username"], sent.settings["password"]) == ("other", "hush-hush")
    assert (sent.concurrency, sent.retry_hours) == (2, 2)
    assert Operator.objects.count() == 1


def test_lists_of_rows_replace_what_was_there() -> None:
    applied(FULL)
    revision = connector().revision

    applied(in_tenant("identity_providers: [{name: partner, role_mappings: []}]"))

    provider = IdentityProvider.objects.get()
    assert not provider.role_mappings.exists()
    assert provider.claim_mappings.count() == 3
    assert connector().revision == revision + 1


def test_an_outbound_row_that_stays_keeps_its_identity() -> None:
    applied(FULL)
    row = OutboundTarget.objects.get()

    applied(
        in_tenant(
            "service_providers: [{name: resident, outbound: "
            "[{identity_provider: partner, connector: scim2, enable_rules: true}]}]"
        )
    )

    after = OutboundTarget.objects.get()
    assert (after.pk, after.enable_rules, after.blocking) == (row.pk, True, False)

    applied(in_tenant("service_providers: [{name: resident, outbound: []}]"))
    assert not OutboundTarget.objects.exists()


def test_a_changed_password_or_client_secret_is_a_change() -> None:
    applied(FULL)

    report = applied(FULL.replace("letmein-123", "letmein-456").replace("hr-secret-1", "hr-2"))

    assert results(report)["operator ops"] == ("changed", ["password"])
    assert results(report)["service provider hr-portal"] == ("changed", ["oauth_client"])
    assert Operator.objects.get().check_password("letmein-456")


def test_an_unknown_setting_is_named_with_its_path() -> None:
    with pytest.raises(ConfigurationError) as caught:
        applied(FULL.replace("username: admin", "usernam: admin"))

    assert str(caught.value) == (
        "tenants[0].identity_providers[0].connectors[0].settings.usernam: "
        "unknown setting; did you mean username?"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("identity_providers: [{name: p, connectors: [{type: x}]}]", "[0].type: there is no"),
        (
            "identity_providers: [{name: p, connectors: [{type: scim2, settings: {}}]}]",
            "connectors[0].settings.user_endpoint: User endpoint is required",
        ),
        (
            "identity_providers: [{name: p, jit: {user_store: NOT}}]",
            "jit.user_store: the tenant",
        ),
        ("time_zone: Nowhere", "tenants[0].time_zone: there is no time zone"),
        ("user_stores: [{domain: 'a b'}]", "user_stores[0].domain: A user store domain has"),
        ("user_stores: [{domain: PRIMARY, state: absent}]", "keeps its store PRIMARY"),
        ("service_providers: [{name: resident, state: absent}]", "keeps its resident"),
        (
            "service_providers: [{name: a, oauth_client: {client_id: b}}]",
            "oauth_client.client_secret: a new client needs one",
        ),
        (
            "service_providers: [{name: a, outbound: [{identity_provider: x, connector: y}]}]",
            "service_providers[0].outbound[0]: there is no connector y of x",
        ),
        ("state: absent", "the tenant carbon.super always exists"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_of_the_file_is_stored(
    text: str, said: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        applied(in_tenant(f"operators: [{{username: new}}], {text}"))

    assert said in str(caught.value)
    assert not Operator.objects.exists()


def test_a_home_realm_of_another_identity_provider_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"identity_providers\[1\]"):
        applied(
            in_tenant(
                "identity_providers: [{name: a, home_realm_identifier: x}, "
                "{name: b, home_realm_identifier: x}]"
            )
        )


def test_a_store_whose_domain_begins_a_name_is_refused(tenant: Tenant) -> None:
    store = UserStore.objects.get(domain="PRIMARY")
    now = "2026-01-01T00:00:00Z"
    User.objects.create(
        tenant=tenant,
        store=store,
        username="EU/kim",
        username_key="eu/kim",
        created=now,
        modified=now,
    )

    with pytest.raises(ConfigurationError, match="“EU/kim” begins with EU/ already"):
        applied(in_tenant("user_stores: [{domain: EU}]"))


def test_absent_retires_and_naming_it_again_brings_it_back() -> None:
    applied(FULL)
    gone = in_tenant(
        "identity_providers: [{name: partner, state: absent}], "
        "service_providers: [{name: hr-portal, state: absent, withdraw: false}]"
    )

    report = applied(gone)

    assert results(report)["identity provider partner"] == ("retired", [])
    assert IdentityProvider.objects.get().retired_at is not None
    assert ServiceProvider.objects.get(name="hr-portal").retired_at is not None
    assert applied(gone).as_json()["unchanged"] == 3
    assert results(applied(FULL))["identity provider partner"] == ("changed", ["retired_at"])


def test_a_retired_connector_takes_no_new_rows() -> None:
    applied(FULL)

    applied(
        in_tenant(
            "identity_providers: [{name: partner, connectors: [{type: scim2, state: absent}]}]"
        )
    )

    with pytest.raises(ConfigurationError, match="the connector scim2 of partner is retired"):
        applied(
            in_tenant(
                "service_providers: [{name: hr-portal, outbound: "
                "[{identity_provider: partner, connector: scim2}]}]"
            )
        )


def test_an_empty_tenant_goes_with_its_configuration() -> None:
    applied(FULL.replace("carbon.super", "gone.example"))

    report = applied("{version: 1, tenants: [{domain: gone.example, state: absent}]}")

    assert report.as_json()["deleted"] == 1
    assert not Tenant.objects.filter(domain="gone.example").exists()
    assert AuditEvent.objects.filter(action="tenant.deleted").count() == 1


def test_an_empty_store_goes_and_one_in_use_stays() -> None:
    applied(FULL)
    gone = in_tenant("user_stores: [{domain: STAFF, state: absent}]")

    with pytest.raises(ConfigurationError, match="still named as the store to provision to"):
        applied(gone)

    applied(
        in_tenant(
            "service_providers: [{name: resident, inbound: {user_store: ''}}], "
            "identity_providers: [{name: partner, jit: {user_store: ''}}]"
        )
    )
    assert applied(gone).as_json()["deleted"] == 1


def test_a_dry_run_tells_the_same_and_does_nothing() -> None:
    report = applied(FULL, dry_run=True)

    assert "dry run" in report.summary
    assert report.as_json()["created"] == 5
    assert not IdentityProvider.objects.exists()
    assert not AuditEvent.objects.exists()


def test_the_audit_trail_tells_what_changed_and_no_secret() -> None:
    applied(FULL)
    applied(FULL.replace("hush-hush", "marker-secret"))

    event = AuditEvent.objects.filter(action="connector.changed").get()
    assert (event.actor, event.subject_name) == ("test", "partner/scim2")
    assert event.detail == {"fields": ["settings"]}
    assert "marker-secret" not in str(list(AuditEvent.objects.values()))


def test_two_tenants_have_two_operators_of_one_name() -> None:
    text = "{version: 1, tenants: [%s, %s]}"
    entry = "{domain: %s, operators: [{username: ops, password: x}]}"

    apply_text = text % (entry % "carbon.super", entry % "b.example")
    assert applied(apply_text).as_json()["created"] == 3
    assert set(Operator.objects.values_list("username", flat=True)) == {"ops", "ops@b.example"}
    assert applied(apply_text).as_json()["unchanged"] == 4


def test_a_tree_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="the file must hold"):
        apply([1], actor="test")
