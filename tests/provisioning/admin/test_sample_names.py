"""The name that a person would get at a target, while the connector's form is filled in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connectors import registry
from idp.models import IdentityProvider, OutboundConnector, Tenant, UserStore
from tests.console import SETTINGS, add_user
from tests.factories import make_connector
from tests.provisioning.admin.test_connectors import POLICIES, add_page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connector(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> OutboundConnector:
    """Of a type of its own, with a pattern among its settings."""
    monkeypatch.setitem(
        registry.BUILT_IN, "patterned", "tests.idp.patterned:PatternedConnector"
    )
    return make_connector(tenant, {"pattern": "{UN}"}, name="Partner", type="patterned")


def form(**settings: Any) -> dict[str, Any]:
    given = {"pattern": "{UD,UN,TD,IDP}", "separator": "-", "domain": "", **settings}
    return {
        **POLICIES,
        "enabled": "on",
        **{f"setting_{name}": value for name, value in given.items()},
    }


def shown(
    console: Client, connector: OutboundConnector, person: str = "", **settings: Any
) -> str:
    url = reverse("admin:idp_outboundconnector_name", args=[connector.pk])
    return console.post(url, {**form(**settings), "person": person}).content.decode()


def test_the_example_of_wso2s_documentation(
    console: Client, tenant: Tenant, connector: OutboundConnector
) -> None:
    add_user(tenant, "user@x")

    assert "primary-user@x-carbon.super-partner</code>" in shown(console, connector)
    assert "primary-user.x-carbon.super-partner@acme.example</code>" in shown(
        console, connector, domain="acme.example"
    )
    connector.refresh_from_db()
    assert connector.settings == {"pattern": "{UN}"}


def test_somebody_can_be_chosen(
    console: Client, tenant: Tenant, staff: UserStore, connector: OutboundConnector
) -> None:
    add_user(tenant, "ann")
    add_user(tenant, "STAFF/Kim")

    assert "staff-kim-carbon.super-partner" in shown(console, connector, "staff/kim")
    assert "no user “max”" in shown(console, connector, "max")


def test_without_people_it_says_so(console: Client, connector: OutboundConnector) -> None:
    assert "There are no users yet." in shown(console, connector)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{UN,XX}", "there is no token"),
        ("{UN,UN}", "twice"),
        ("UN", "looks like"),
        ("{}", "there is no token"),
        ("{TD}", "without UN"),
    ],
)
def test_a_pattern_that_cannot_be_is_said_here_and_at_its_field(
    console: Client, tenant: Tenant, connector: OutboundConnector, pattern: str, said: str
) -> None:
    add_user(tenant, "kim")
    assert said in shown(console, connector, pattern=pattern)

    page = reverse("admin:idp_outboundconnector_change", args=[connector.pk])
    answer = console.post(page, form(pattern=pattern))

    errors = answer.context["adminform"].form.errors
    assert list(errors) == ["setting_pattern"]
    assert said in errors["setting_pattern"][0]
    connector.refresh_from_db()
    assert connector.settings == {"pattern": "{UN}"}


def test_an_empty_pattern_is_the_default(
    console: Client, tenant: Tenant, connector: OutboundConnector
) -> None:
    add_user(tenant, "Kim")

    assert '<code class="pv-strong">kim</code>' in shown(console, connector, pattern="")


def test_what_is_missing_is_named(
    console: Client, tenant: Tenant, connector: OutboundConnector
) -> None:
    add_user(tenant, "kim")
    url = reverse("admin:idp_outboundconnector_name", args=[connector.pk])

    answer = console.post(url, {**form(), "retry_hours": ""}).content.decode()

    assert "Fill in first: Retry hours." in answer


def test_a_new_connector_shows_names_before_it_exists(
    console: Client, tenant: Tenant, connector: OutboundConnector
) -> None:
    add_user(tenant, "kim")
    other = IdentityProvider.objects.create(tenant=tenant, name="other")
    query = f"?provider={other.pk}&type=patterned"

    page = console.get(add_page(other, "patterned")).content.decode()
    answer = console.post(reverse("admin:idp_outboundconnector_name_new") + query, form())

    assert "Names at the target" in page
    assert "primary-kim-carbon.super-other" in answer.content.decode()
    assert OutboundConnector.objects.count() == 1


def test_connectors_without_a_pattern_have_no_such_part(
    console: Client, tenant: Tenant, connector: OutboundConnector
) -> None:
    plain = make_connector(tenant, SETTINGS, name="plain")
    page = console.get(reverse("admin:idp_outboundconnector_change", args=[plain.pk]))

    assert "sample-name" not in page.content.decode()


def test_connectors_of_other_tenants_do_not_exist(
    console: Client, connector: OutboundConnector, other_tenant: Tenant
) -> None:
    elsewhere = make_connector(other_tenant, {}, type="patterned")
    url = reverse("admin:idp_outboundconnector_name", args=[elsewhere.pk])

    assert console.post(url, form()).status_code == 404
