"""The OpenAPI document and its page; and that the API keeps what the document says."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path

import pytest
import requests
import schemathesis
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from urllib3 import HTTPResponse

from idp.models import Tenant
from tests.console import World, sign_in
from tests.factories import make_operator
from tests.provisioning.api.conftest import Api
from tests.provisioning.inbound.calls import basic

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
dice = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_the_document_is_valid_and_nothing_in_it_is_guessed(tmp_path: Path) -> None:
    out = io.StringIO()

    call_command(
        "spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "it"), stderr=out
    )

    assert out.getvalue() == ""


def test_the_document_is_the_same_in_every_tenant(api: Api, other_tenant: Tenant) -> None:
    make_operator(other_tenant, "ops")
    ours = api.get("schema/").json()
    theirs = Api(basic(), "/t/partner.example/api/v1").get("schema/").json()

    assert ours["servers"] == [{"url": "/"}]
    assert theirs["servers"] == [{"url": "/t/partner.example"}]
    del ours["servers"], theirs["servers"]
    assert ours == theirs
    named = {path.split("/")[3] for path in ours["paths"]}
    assert {"identity-providers", "jobs", "held", "audit", "explain"} <= named


def test_bodies_have_the_keys_of_the_configuration_file(api: Api) -> None:
    shapes = api.get("schema/").json()["components"]["schemas"]

    assert {"alias", "provisioning_roles", "connectors"} <= shapes["NewIdentityProvider"][
        "properties"
    ].keys()
    assert shapes["NewUser"]["properties"]["password"]["writeOnly"] is True
    assert "password" not in shapes["User"]["properties"]


def test_every_reference_in_the_document_leads_somewhere(api: Api) -> None:
    told = api.get("schema/").json()
    names = {part.split('"')[0] for part in json.dumps(told).split("#/components/schemas/")[1:]}

    assert names
    assert names <= told["components"]["schemas"].keys()


def test_the_page_needs_no_script_and_asks_strangers_to_sign_in(tenant: Tenant) -> None:
    page = sign_in(tenant).get("/api/v1/docs/")

    assert page.status_code == 200
    text = page.content.decode()
    assert "identity-providers/{id}/" in text
    assert "<script" not in text
    assert "style=" not in text
    assert "unsafe" not in page["Content-Security-Policy"]
    stranger = Client().get("/api/v1/docs/")
    assert stranger["Location"] == "/admin/login/?next=%2Fapi%2Fv1%2Fdocs%2F"
    assert Api({}).get("schema/").status_code == 401


def asked(api: Api, case: schemathesis.Case) -> requests.Response:
    """The answer of the real application, without a server between."""
    given = case.as_transport_kwargs(base_url="http://testserver")
    prepared = requests.Request(
        given["method"],
        given["url"],
        params=given.get("params"),
        headers={**given["headers"], **api.headers},
        json=given.get("json"),
        data=given.get("data"),
    ).prepare()
    body = prepared.body or b""
    answer = api.client.generic(
        str(prepared.method),
        str(prepared.path_url),
        body if isinstance(body, bytes) else body.encode(),
        content_type=prepared.headers.get("Content-Type", ""),
        headers=dict(prepared.headers),
    )
    told = requests.Response()
    told.status_code, told.request = answer.status_code, prepared
    told.headers.update(answer.headers)
    told._content = answer.content
    told.raw = HTTPResponse(answer.content, headers=answer.headers, status=answer.status_code)
    return told


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_the_api_keeps_what_the_document_says(
    api: Api, world: World, mode: schemathesis.GenerationMode
) -> None:
    """Always the same requests: right ones and wrong ones for every operation."""
    loaded = schemathesis.openapi.from_dict(api.get("schema/").json())
    statuses: Counter[int] = Counter()
    real = {
        "identity-providers": world.provider.pk,
        "service-providers": world.application.pk,
        "connectors": world.connector.pk,
        "users": world.user.pk,
        "groups": world.group.pk,
        "jobs": world.job.pk,
        "provisioned-entities": world.link.pk,
        "audit": world.event.pk,
    }

    for found in loaded.get_all_operations():

        @dice
        @given(case=found.ok().as_strategy(generation_mode=mode))
        def run(case: schemathesis.Case) -> None:
            section = case.path.split("/")[3]
            if mode is schemathesis.GenerationMode.POSITIVE and section in real:
                case.path_parameters["id"] = str(real[section])
            told = asked(api, case)
            statuses[told.status_code] += 1
            case.validate_response(Response.from_requests(told, verify=True), checks=CHECKS)

        run()

    if mode is schemathesis.GenerationMode.POSITIVE:
        assert statuses[200] + statuses[201] + statuses[204] > 50, statuses
    else:
        assert statuses[400] + statuses[404] > 100, statuses
