"""Webhooks and notifications in configuration files."""

from __future__ import annotations

import pytest

from idp.models import Tenant
from provisioning.configuration import ConfigurationError, apply, export
from provisioning.models import NotificationPreference, Webhook
from provisioning.webhooks import subscriptions
from tests.provisioning.configuration.files import applied, in_tenant

pytestmark = pytest.mark.usefixtures("tenant")
SECRET = "whsec_" + "A" * 32
FILE = in_tenant(
    "operators: [{username: ops, email: ops@acme.example}],"
    f'webhooks: [{{name: siem, url: "https://siem.example/", secret: "{SECRET}",'
    " events: [job.failed]}],"
    "notifications: [{operator: ops, email: [critical, warning]}]"
)


def results(text: str) -> dict[str, str]:
    lines = applied(text).lines
    return {line.kind: str(line.result) for line in lines if line.kind != "tenant"}


def test_the_second_time_changes_nothing(tenant: Tenant) -> None:
    assert set(results(FILE).values()) == {"created"}
    assert set(results(FILE).values()) == {"unchanged"}
    tenant.refresh_from_db()
    assert tenant.event_types == ["job.failed"]


def test_what_is_exported_can_be_applied_and_holds_no_secret(tenant: Tenant) -> None:
    applied(FILE)
    tree = export(tenant)

    assert SECRET not in str(tree)
    assert tree["tenants"][0]["notifications"] == [
        {"operator": "ops", "email": ["critical", "warning"], "resolved": False}
    ]
    assert {str(line.result) for line in apply(tree, actor="test").lines} == {"unchanged"}


def test_absent_keys_keep_their_values_and_absent_webhooks_go(tenant: Tenant) -> None:
    applied(FILE)
    other = SECRET.replace("AAAA", "BBBB")
    applied(in_tenant(f'webhooks: [{{name: siem, secret: "{other}", batched: true}}]'))
    row = Webhook.objects.get()
    assert (row.batched, row.events) == (True, ["job.failed"])
    assert [one["secret"] for one in row.secrets] == [other, SECRET]
    assert subscriptions.signing_keys(row, row.created) == [other, SECRET]

    applied(in_tenant("webhooks: [{name: siem, state: absent}]"))
    tenant.refresh_from_db()
    assert (Webhook.objects.count(), tenant.event_types) == (0, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('webhooks: [{name: a, url: "https://a.example"}]', "webhooks[0].secret: a new"),
        ("webhooks: [{name: a, url: nowhere, secret: x}]", "webhooks[0].secret: must be"),
        (f"webhooks: [{{name: a, url: nowhere, secret: {SECRET}}}]", "webhooks[0].url: must"),
        ("webhooks: [{name: a, events: some}]", "webhooks[0].events: must be all or a list"),
        ("notifications: [{operator: nobody}]", "notifications[0].operator: there is no"),
        ("notifications: [{operator: a, email: [loud]}]", "notifications[0].email[0]: must"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_done(text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        applied(in_tenant(text))

    assert f"tenants[0].{problem}" in str(refused.value)
    assert not Webhook.objects.exists()
    assert not NotificationPreference.objects.exists()
