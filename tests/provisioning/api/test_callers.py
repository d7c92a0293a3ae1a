"""Who may use the API, and that nothing of another tenant exists for them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from idp.models import Tenant
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import resident_of
from tests.console import World, sign_in
from tests.factories import make_operator
from tests.provisioning.api.conftest import Api
from tests.provisioning.api.test_configuring import problem
from tests.provisioning.inbound.calls import basic, make_client

pytestmark = pytest.mark.django_db

LISTS = [
    "identity-providers",
    "service-providers",
    "connectors",
    "policies",
    "users",
    "groups",
    "jobs",
    "held",
    "provisioned-entities",
    "audit",
]


def rows_of(world: World) -> list[str]:
    return [
        f"identity-providers/{world.provider.pk}/",
        f"identity-providers/{world.provider.name}/",
        f"service-providers/{world.application.pk}/",
        f"connectors/{world.connector.pk}/",
        f"users/{world.user.pk}/",
        f"users/{world.user.username}/",
        f"groups/{world.group.pk}/",
        f"groups/{world.group.pk}/members/",
        f"jobs/{world.job.pk}/",
        f"provisioned-entities/{world.link.pk}/",
        f"audit/{world.event.pk}/",
        f"explain/?user={world.user.pk}",
    ]


def done_to(world: World) -> list[tuple[str, str]]:
    rows = [path for path in rows_of(world)[:7] if "explain" not in path]
    acts = [("patch", path) for path in rows] + [("delete", path) for path in rows]
    return [
        *acts,
        ("post", f"jobs/{world.job.pk}/retry/"),
        ("post", f"held/{world.job.pk}/release/"),
        ("post", f"held/{world.job.pk}/reject/"),
        ("post", f"provisioned-entities/{world.link.pk}/send-owed/"),
    ]


def token(service_provider: ServiceProvider, *scopes: str, prefix: str = "") -> dict[str, str]:
    client_id = f"of-{service_provider.name}"
    make_client(service_provider, client_id=client_id, scopes=scopes)
    form = {"grant_type": "client_credentials"}
    answer = Client().post(
        f"{prefix}/oauth2/token", form, headers=basic(client_id, "hr-secret-123")
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize("name", LISTS)
def test_without_credentials_nothing_is_told(tenant: Tenant, name: str) -> None:
    answer = Api({}).get(f"{name}/")

    problem(answer, 401)
    assert 'Basic realm="carbon.super"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("name", LISTS)
def test_lists_hold_the_tenants_rows_only(
    api: Api, world: World, elsewhere: World, name: str
) -> None:
    answer = api.get(f"{name}/")

    assert answer.status_code == 200
    assert b"stranger" not in answer.content


def test_rows_of_another_tenant_do_not_exist(api: Api, world: World, elsewhere: World) -> None:
    assert {path: api.get(path).status_code for path in rows_of(world)} == dict.fromkeys(
        rows_of(world), 200
    )
    for path in rows_of(elsewhere):
        assert api.get(path).status_code == 404, path
    for method, path in done_to(elsewhere):
        assert api.call(method, path, {}).status_code == 404, path
    bulk = api.post("jobs/retry/", {"jobs": [str(elsewhere.job.pk)]})
    assert bulk.json() == {"retried": 0}


def test_the_address_names_the_tenant(other_tenant: Tenant, elsewhere: World) -> None:
    make_operator(other_tenant, "ops")
    theirs = "/t/partner.example/api/v1"

    assert Api(basic(), theirs).get("users/stranger/").status_code == 200
    at = Api(basic("ops@partner.example"))
    assert at.get("users/stranger/").status_code == 200
    problem(Api(basic(), "/t/nope.example/api/v1").get("users/"), 401)
    made = Api(basic(), theirs).post("groups/", {"name": "sales"})
    assert "/t/partner.example/api/v1/groups/" in made["Location"]


def test_viewers_read_operators_work_administrators_configure(
    tenant: Tenant, world: World
) -> None:
    def statuses(role: str) -> list[int]:
        make_operator(tenant, role, role=role)
        api = Api(basic(role))
        return [
            api.get("identity-providers/").status_code,
            api.patch("users/kim/", {}).status_code,
            api.post(f"jobs/{world.job.pk}/retry/").status_code,
            api.patch("identity-providers/kim-idp/", {}).status_code,
        ]

    assert statuses("viewer") == [200, 403, 403, 403]
    assert statuses("operator") == [200, 200, 200, 403]
    assert statuses("administrator") == [200, 200, 409, 200]


def test_basic_needs_the_permission_to_use_the_doors(tenant: Tenant) -> None:
    make_operator(tenant, "desk", use_doors=False)

    problem(Api(basic("desk")).get("users/"), 403)
    problem(Api(basic("desk", "wrong")).get("users/"), 401)


def test_a_console_session_reads_and_needs_a_token_to_write(
    tenant: Tenant, other_tenant: Tenant, world: World
) -> None:
    browser = sign_in(tenant)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies

    assert browser.get("/api/v1/users/").status_code == 200
    problem(strict.post("/api/v1/jobs/retry/", {"all": True}, "application/json"), 403)
    strict.get("/admin/")
    csrf = {"X-CSRFToken": strict.cookies["csrftoken"].value}
    body = {"all": True}
    sent = strict.post("/api/v1/jobs/retry/", body, "application/json", headers=csrf)
    assert sent.json() == {"retried": 1}
    problem(browser.get("/t/partner.example/api/v1/users/"), 404)
    problem(browser.get("/t/nope/api/v1/users/"), 404)


def test_a_super_operator_goes_anywhere(tenant: Tenant, elsewhere: World) -> None:
    browser = sign_in(tenant, "root", is_superuser=True)

    assert browser.get("/t/partner.example/api/v1/users/stranger/").status_code == 200
    make_operator(tenant, "boss", is_superuser=True)
    theirs = Api(basic("boss"), "/t/partner.example/api/v1")
    assert theirs.get("users/stranger/").status_code == 200


def test_a_client_needs_the_scope_and_acts_for_its_service_provider(
    tenant: Tenant, world: World
) -> None:
    reader = Api(token(world.application, "api:read"))

    assert reader.get("users/").status_code == 200
    refused = reader.post("users/", {"username": "lee"})
    problem(refused, 403)
    assert 'scope="api:write"' in refused["WWW-Authenticate"]
    writer = Api(token(resident_of(tenant), "api:write", prefix=""))
    problem(writer.get("users/"), 403)
    assert (
        "kim-idp/scim2=queued"
        in writer.post("users/", {"username": "lee"})["Provisioning-Outcome"]
    )
    problem(Api(writer.headers, "/t/partner.example/api/v1").get("users/"), 401)


def test_a_rate_can_be_set(api: Api, settings: Settings) -> None:
    settings.PURVEYOR_API_RATE = "2/min"

    answers = [api.get("held/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    problem(answers[2], 429)
    assert 1 <= int(answers[2]["Retry-After"]) <= 61


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ('"x"', "application/json", 400),
        ('{"username": "\\u0000"}', "application/json", 400),
        ('{"\\u0000": 1}', "application/json", 400),
        ('{"username": "\\ud800"}', "application/json", 400),
        ('{"a":' * 60 + "1" + "}" * 60, "application/json", 400),
        ("a: b", "application/yaml", 415),
        ("username=kim", "application/x-www-form-urlencoded", 415),
    ],
)
def test_bodies_that_are_no_json_object_are_refused(
    api: Api, raw: str, kind: str, status: int
) -> None:
    sent = api.client.post("/api/v1/users/", raw, content_type=kind, headers=api.headers)

    problem(sent, status)


def test_a_body_that_is_too_large_is_refused(api: Api, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000

    problem(api.post("users/", {"username": "k" * 1_000}), 413)


def test_every_refusal_is_a_problem_document(api: Api) -> None:
    problem(api.get("nothing/"), 404)
    problem(api.get("users/%0A/"), 404)
    problem(api.call("post", "nothing/"), 404)
    problem(Api({}).get(""), 404)
    problem(api.call("put", "users/", {}), 405)
    problem(api.call("delete", "audit/"), 405)
    problem(api.call("delete", "users/?nothing=1"), 405)
    problem(api.get("users/", Accept="text/html"), 406)
    assert api.call("options", "users/").status_code == 204
    assert api.call("put", "users/", {})["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_addresses_need_no_slash_at_the_end(api: Api, world: World) -> None:
    for path in ("users", "users/kim", "jobs", f"groups/{world.group.pk}/members"):
        assert api.get(path).json() == api.get(f"{path}/").json(), path


def test_what_breaks_is_logged_and_told_without_a_trace(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def breaks(*args: Any) -> None:
        raise ValueError("a secret")

    monkeypatch.setattr("provisioning.api.users.Users.rows", breaks)
    api.client.raise_request_exception = False

    answer = api.get("users/")

    problem(answer, 500)
    assert b"secret" not in answer.content
