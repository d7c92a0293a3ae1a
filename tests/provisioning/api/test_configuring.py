"""Configuration over REST: the entries of a file, with the same checks and effects."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from idp.models import IdentityProvider, OutboundConnector
from provisioning.models import AuditEvent
from serviceproviders.models import OAuthClient, ServiceProvider
from tests.console import SECRET, World
from tests.flows.policies import DENY_OTHERS, policy
from tests.provisioning.api.conftest import Api

pytestmark = pytest.mark.django_db

SCIM2 = {
    "type": "scim2",
    "settings": {"user_endpoint": "http://127.0.0.1:9/Users", "password": SECRET},
    "groups": ["sales"],
    "protected_names": ["admin"],
    "budget": {"concurrency": 2},
}
PARTNER: dict[str, Any] = {
    "name": "partner",
    "alias": "https://partner.example/token",
    "role_mappings": [{"local": "STAFF/sales", "remote": "Sales"}],
    "connectors": [SCIM2],
}


def problem(answer: Any, status: int = 400) -> dict[str, str]:
    """What each field is told, of a refusal in the form of RFC 9457."""
    told = answer.json()
    assert answer.status_code == status, told
    assert answer["Content-Type"] == "application/problem+json"
    assert (told["status"], told["type"]) == (status, "about:blank")
    assert told["title"]
    assert told["detail"]
    return {error["field"]: error["detail"] for error in told.get("errors", ())}


def test_an_identity_provider_is_made_with_all_its_parts(api: Api) -> None:
    made = api.post("identity-providers/", PARTNER)

    assert made.status_code == 201
    assert made["Location"].endswith(f"/api/v1/identity-providers/{made.json()['id']}/")
    [connector] = made.json()["connectors"]
    assert (connector["groups"], connector["budget"]["concurrency"]) == (["sales"], 2)
    assert made.json()["role_mappings"] == PARTNER["role_mappings"]
    stored = OutboundConnector.objects.get()
    assert stored.settings["password"] == SECRET
    assert api.get("identity-providers/partner/").json() == made.json()
    assert api.get(made["Location"].partition("testserver")[2]).json() == made.json()


def test_what_was_read_can_be_put_back_and_changes_nothing(api: Api) -> None:
    api.post("identity-providers/", PARTNER)
    before = OutboundConnector.objects.values().get()
    told = api.get("identity-providers/partner/").json()
    events = AuditEvent.objects.count()

    again = api.put("identity-providers/partner/", told)

    assert (again.status_code, again.json()) == (200, told)
    assert OutboundConnector.objects.values().get() == before
    assert AuditEvent.objects.count() == events


def test_secrets_are_taken_and_never_told_and_absent_ones_stay(api: Api) -> None:
    made = api.post("identity-providers/", PARTNER)
    pk = OutboundConnector.objects.get().pk
    answers = [
        made,
        api.get("connectors/"),
        api.patch(f"connectors/{pk}/", {"settings": {"username": "robot"}}),
        api.get("audit/"),
    ]

    assert SECRET not in "".join(answer.content.decode() for answer in answers)
    assert OutboundConnector.objects.get().settings["password"] == SECRET
    assert OutboundConnector.objects.get().settings["username"] == "robot"


def test_put_creates_what_is_not_there(api: Api) -> None:
    made = api.put("identity-providers/partner/", {"description": "ours"})

    assert (made.status_code, made.json()["name"]) == (201, "partner")
    assert api.put("identity-providers/partner/", {}).json()["description"] == "ours"


def test_an_absent_key_keeps_its_value(api: Api) -> None:
    api.post("identity-providers/", PARTNER)

    changed = api.patch("identity-providers/partner/", {"enabled": False}).json()

    assert changed["enabled"] is False
    assert (changed["alias"], len(changed["connectors"])) == (PARTNER["alias"], 1)


def test_deleting_retires_and_naming_it_again_brings_it_back(api: Api) -> None:
    api.post("identity-providers/", PARTNER)

    assert api.delete("identity-providers/partner/").status_code == 204

    assert IdentityProvider.objects.get().retired_at is not None
    assert api.get("identity-providers/?state=present").json()["results"] == []
    [retired] = api.get("identity-providers/?state=absent").json()["results"]
    assert retired["state"] == "absent"
    assert api.post("identity-providers/", PARTNER).status_code == 201
    assert api.get("identity-providers/partner/").json()["state"] == "present"


def test_what_is_not_there_cannot_go(api: Api) -> None:
    told = {"state": "there is no such entry that could go"}

    assert problem(api.post("identity-providers/", {**PARTNER, "state": "absent"})) == told
    assert problem(api.put("service-providers/portal/", {"state": "absent"})) == told
    problem(api.delete("identity-providers/partner/"), 404)


def test_errors_name_the_field_and_nothing_is_half_done(api: Api) -> None:
    bad = {**PARTNER, "connectors": [{**SCIM2, "mode": "fast", "grops": "all"}], "enabled": "y"}

    told = problem(api.post("identity-providers/", bad))

    assert told == {
        "enabled": "must be true or false",
        "connectors[0].mode": "must be one of active, paused, dry_run",
        "connectors[0].grops": "unknown key; did you mean groups?",
    }
    unknown = {**PARTNER, "connectors": [{**SCIM2, "settings": {"user_endpoit": "x"}}]}
    assert problem(api.post("identity-providers/", unknown)) == {
        "connectors[0].settings.user_endpoit": "unknown setting; did you mean user_endpoint?"
    }
    assert not IdentityProvider.objects.exists()


def test_modes_and_windows_are_told_as_they_are_taken(api: Api) -> None:
    windows = [
        {"days": ["sat", "sun"], "from": "22:00", "to": "04:00"},
        {"from": "2026-12-24T18:00", "to": "2026-12-26T06:00"},
    ]
    wanted = {**SCIM2, "mode": "dry_run", "maintenance_windows": windows}
    made = api.post("identity-providers/", {**PARTNER, "connectors": [wanted]}).json()

    [told] = made["connectors"]
    assert (told["mode"], told["maintenance_windows"]) == ("dry_run", windows)

    one = api.get("connectors/").json()["results"][0]["id"]
    fewer = api.patch(f"connectors/{one}/", {"maintenance_windows": windows[:1]}).json()
    assert (fewer["mode"], fewer["maintenance_windows"]) == ("dry_run", windows[:1])

    bad = [{"days": ["sat"], "from": "22:00", "to": "4"}, {"days": [], "from": "x"}, 7]
    assert problem(api.patch(f"connectors/{one}/", {"maintenance_windows": bad})) == {
        "maintenance_windows[1].to": "is missing",
        "maintenance_windows[2]": "must have keys and values",
    }
    assert problem(api.patch(f"connectors/{one}/", {"maintenance_windows": bad[:1]})) == {
        "maintenance_windows[0].to": "must be a time like 22:00"
    }


def test_a_setting_that_cannot_be_is_named_as_everywhere(api: Api) -> None:
    settings = {
        "domain": "acme.example",
        "admin_email": "admin@acme.example",
        "private_key": "-" * 70_000,
        "given_name_claim": "nonesuch",
        "base_url": "nowhere",
    }
    bad = {**PARTNER, "connectors": [{"type": "google", "settings": settings}]}

    told = problem(api.post("identity-providers/", bad))

    place = "connectors[0].settings."
    assert sorted(told) == [
        place + name for name in ("base_url", "given_name_claim", "private_key")
    ]
    assert told[place + "given_name_claim"].startswith("Given name claim: there is no claim")
    assert told[place + "private_key"].startswith("Private key is too large: 70,000 bytes")


def test_settings_of_the_file_are_not_read_from_our_own_machine(api: Api) -> None:
    settings = {"user_endpoint": "http://127.0.0.1:9/U", "username": {"file": "/etc/passwd"}}
    bad = {**PARTNER, "connectors": [{"type": "scim2", "settings": settings}]}

    told = problem(api.post("identity-providers/", bad))

    assert told == {
        "connectors[0].settings.username": "must be a single value (not keys and values)"
    }


def test_a_name_is_taken_and_cannot_be_changed(api: Api) -> None:
    api.post("identity-providers/", PARTNER)

    assert problem(api.post("identity-providers/", PARTNER), 409) == {"name": "is taken"}
    told = problem(api.patch("identity-providers/partner/", {"name": "other"}))
    assert "cannot be changed" in told["name"]


def test_connectors_stand_on_their_own_as_well(api: Api) -> None:
    api.post("identity-providers/", {"name": "partner"})

    assert "must be the name" in problem(api.post("connectors/", SCIM2))["identity_provider"]
    made = api.post("connectors/", {**SCIM2, "identity_provider": "partner"})
    assert made.status_code == 201
    pk = made.json()["id"]
    assert made["Location"].endswith(f"/connectors/{pk}/")
    [listed] = api.get("connectors/?identity_provider=partner&type=scim2").json()["results"]
    assert listed == api.get(f"connectors/{pk}/").json() == made.json()
    changed = api.put(f"connectors/{pk}/", {"delete_action": "disable"}).json()
    assert (changed["delete_action"], changed["groups"]) == ("disable", ["sales"])
    assert api.delete(f"connectors/{pk}/").status_code == 204
    assert OutboundConnector.objects.get().retired_at is not None


def test_a_connector_tells_what_of_its_budget_is_in_force(api: Api) -> None:
    api.post("identity-providers/", PARTNER)
    [told] = api.get("connectors/").json()["results"]
    pk, budget = told["id"], {"requests_per_second": 0.5, "daily_quota": 200}
    assert (told["budget_now"]["requests_per_second"], told["eta_seconds"]) == (None, 0)

    told = api.patch(f"connectors/{pk}/", {"budget": budget}).json()

    assert told["budget"] == {**budget, "burst": 10, "concurrency": 2}
    assert told["budget_now"] == {
        "requests_per_second": 0.5,
        "concurrency": 2,
        "lowered_because": "",
        "used_today": 0,
        "left_today": 200,
        "paused_until": None,
        "goes_on_at": None,
    }
    assert api.put(f"connectors/{pk}/", told).json() == told
    refused = api.patch(f"connectors/{pk}/", {"budget": {"requests_per_second": -1}})
    assert "at least 0" in problem(refused)["budget.requests_per_second"]


def test_service_providers_with_rows_and_clients(api: Api) -> None:
    api.post("identity-providers/", PARTNER)
    row = {"identity_provider": "partner", "connector": "scim2", "blocking": True}
    portal = {
        "name": "portal",
        "oauth_client": {"client_id": "portal", "client_secret": SECRET},
        "outbound": [row],
    }

    made = api.post("service-providers/", portal)

    assert made.status_code == 201
    assert made.json()["outbound"][0]["blocking"] is True
    assert SECRET not in made.content.decode()
    secret = OAuthClient.objects.get().client_secret
    api.patch("service-providers/portal/", {"oauth_client": {"scopes": ["api:read"]}})
    assert OAuthClient.objects.get().client_secret == secret
    assert OAuthClient.objects.get().scopes == ["api:read"]
    wrong = {"outbound": [{**row, "connector": "google"}]}
    assert problem(api.patch("service-providers/portal/", wrong)) == {
        "outbound[0]": "there is no connector google of partner"
    }


def test_the_resident_service_provider_is_called_so(api: Api) -> None:
    told = api.patch("service-providers/resident/", {"inbound": {"strict": True}}).json()

    assert (told["name"], told["inbound"]["strict"]) == ("resident", True)
    [listed] = api.get("service-providers/?name=resident").json()["results"]
    assert listed == told
    assert "keeps its resident" in api.delete("service-providers/resident/").json()["detail"]
    assert ServiceProvider.objects.get().retired_at is None


def test_who_did_it_stands_in_the_audit_trail(api: Api) -> None:
    api.post("identity-providers/", PARTNER)
    api.patch("identity-providers/partner/", {"description": "new"})

    events = AuditEvent.objects.filter(subject_type="identity provider").order_by("id")

    assert [(e.action, e.actor, e.door, e.detail) for e in events] == [
        ("identity_provider.created", "ops", "rest", {}),
        ("identity_provider.changed", "ops", "rest", {"fields": ["description"]}),
    ]


@pytest.mark.parametrize("name", ["identity-providers", "service-providers", "connectors"])
def test_a_longer_list_costs_no_more_queries(api: Api, world: World, name: str) -> None:
    api.get(f"{name}/")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert api.get(f"{name}/").status_code == 200
        return len(seen)

    before = queries()
    for number in range(4):
        api.post("identity-providers/", {**PARTNER, "name": f"p{number}"})
        row = {"identity_provider": f"p{number}", "connector": "scim2"}
        api.post("service-providers/", {"name": f"s{number}", "outbound": [row]})
    assert queries() == before


def test_policies_are_drafted_published_and_refused_with_the_line(api: Api) -> None:
    document = policy("p", DENY_OTHERS)
    made = api.post("policies/", {"name": "office", "document": document})

    assert (made.status_code, made.json()["published"]) == (201, False)
    assert api.patch("policies/office/", {"published": True}).json()["published"] is True
    told = api.get("policies/office/").json()
    assert api.put("policies/office/", told).json() == told
    bad = problem(api.patch("policies/office/", {"document": "<Policy>"}))
    assert "line 1" in bad["document"]
    assert api.get("policies/office/").json() == told
    assert "is taken" in problem(api.post("policies/", told), 409)["name"]
    problem(api.delete("policies/office/"), 405)


def test_claims_that_nobody_defined_are_refused_in_mappings(api: Api) -> None:
    rows = [{"remote": "a", "local": "http://wso2.org/claims/nope"}]

    told = problem(api.put("identity-providers/partner/", {"claim_mappings": rows}))

    assert "there is no claim" in told["claim_mappings[0].local"]
