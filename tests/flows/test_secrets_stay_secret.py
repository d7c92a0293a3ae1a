"""A password or secret put in anywhere comes out nowhere in clear: one marker, every output."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from idp.connector_settings import save_settings
from idp.models import IdentityProvider, OutboundConnector, Tenant, User
from provisioning.models import Attempt, AuditEvent, Job
from serviceproviders.models import ServiceProvider
from tests.console import sign_in
from tests.factories import make_operator, send_to
from tests.fakes.scim2 import Scim2Target
from tests.provisioning.inbound.calls import basic, make_client

pytestmark = pytest.mark.django_db(transaction=True)

MARKER = "Tr0ub4dor-marker"
PASSWORDS = {
    where: f"{MARKER}-{where}/&+{number}"
    for number, where in enumerate(
        ("door", "patch", "form", "operator", "target", "client", "file-user", "file-target")
    )
}
FORMS = sorted(
    {
        form
        for secret in (MARKER, *PASSWORDS.values())
        for form in (
            secret,
            quote(secret, safe=""),
            json.dumps(secret)[1:-1],
            base64.b64encode(secret.encode()).decode().rstrip("="),
            secret.encode().hex(),
        )
    }
)


def leaks(text: str) -> list[str]:
    lowered = text.lower()
    return [form for form in FORMS if form.lower() in lowered]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything anybody logs, however chatty."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


class Door:
    def __init__(self, client: Client) -> None:
        self.client = client
        self.answers: list[str] = []

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.client.generic(
            method,
            path,
            data=b"" if body is None else json.dumps(body).encode(),
            content_type="application/scim+json",
            headers={**basic("caller", PASSWORDS["operator"]), **headers},
        )
        told = answer.content.decode() + str(dict(answer.headers))
        self.answers.append(told)
        return json.loads(answer.content) if answer.content else None


def test_no_output_shows_a_secret(
    tenant: Tenant,
    resident: ServiceProvider,
    client: Client,
    log: io.StringIO,
    tmp_path: Path,
    deliver: Callable[[], None],
) -> None:
    make_operator(tenant, "caller", PASSWORDS["operator"])
    make_client(resident, secret=PASSWORDS["client"])
    provider = IdentityProvider.objects.create(tenant=tenant, name="partner")
    connector = OutboundConnector(provider=provider, type="scim2")
    with Scim2Target() as target:
        target.password = PASSWORDS["target"]
        save_settings(connector, {**target.settings, "password": PASSWORDS["target"]})
        send_to(resident, connector)
        door = Door(client)
        console = sign_in(tenant)
        put_secrets_in(door, console, target, deliver)
        told = apply_file(tmp_path)
        deliver()

        assert set(target.passwords.values()) >= {PASSWORDS["patch"], PASSWORDS["form"]}
        assert Attempt.objects.count() > 4
        outputs = {
            "log": log.getvalue(),
            "answers": "\n".join(door.answers),
            "commands": told + commands(),
            "audit": str(list(AuditEvent.objects.values())),
            "database": dump(),
            **pages(console),
        }

    assert {where: found for where, text in outputs.items() if (found := leaks(text))} == {}


def put_secrets_in(
    door: Door, console: Client, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    """Passwords by the door and the console; deliveries that work, fail, and wait."""
    kim = door("POST", "/scim2/Users", {"userName": "kim", "password": PASSWORDS["door"]})
    deliver()
    value = {"op": "replace", "path": "password", "value": PASSWORDS["patch"]}
    patch = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [value],
    }
    door("PATCH", f"/scim2/Users/{kim['id']}", patch)
    deliver()
    form = {"username": "pat", "store": "PRIMARY", "active": "on"}
    console.post(reverse("admin:idp_user_add"), {**form, "password": PASSWORDS["form"]})
    deliver()
    target.fail_next(400, document={"detail": f"cannot take {PASSWORDS['door']}"})
    door("POST", "/scim2/Users", {"userName": "lee", "password": PASSWORDS["door"]})
    deliver()
    door("POST", "/scim2/Users", {"userName": "max", "password": 7})
    door("POST", "/scim2/Users", {"userName": "", "password": PASSWORDS["door"]})
    door("GET", "/scim2/Users", Authorization=basic("caller", MARKER)["Authorization"])
    door("GET", f"/scim2/Users/{kim['id']}")
    door("GET", "/scim2/Users")
    client = base64.b64encode(f"hr-portal:{PASSWORDS['client']}".encode()).decode()
    door.client.post(
        "/oauth2/token",
        {"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {client}"},
    )
    # One password still waits in its job when the database is looked at.
    target.fail_next(429, headers={"Retry-After": "600"})
    door("POST", "/scim2/Users", {"userName": "sam", "password": PASSWORDS["door"]})
    deliver()
    assert Job.objects.filter(is_open=True, sealed_password__isnull=False).exists()


def apply_file(folder: Path) -> str:
    file = folder / "config.yaml"
    file.write_text(
        json.dumps(
            {
                "version": 1,
                "tenants": [
                    {
                        "domain": "carbon.super",
                        "users": [{"username": "filed", "password": PASSWORDS["file-user"]}],
                        "identity_providers": [
                            {
                                "name": "filed",
                                "connectors": [
                                    {
                                        "type": "scim2",
                                        "settings": {
                                            "user_endpoint": "http://127.0.0.1:9/Users",
                                            "authentication": "basic",
                                            "username": "admin",
                                            "password": PASSWORDS["file-target"],
                                        },
                                    }
                                ],
                            }
                        ],
                    }
                ],
            }
        )
    )
    out = io.StringIO()
    call_command("apply", str(file), stdout=out, stderr=out)
    assert User.objects.filter(username="filed").exists()
    return out.getvalue()


def commands() -> str:
    out = io.StringIO()
    call_command("export", stdout=out, stderr=out)
    call_command("explain", "kim", "--json", stdout=out, stderr=out)
    call_command("list_connectors", stdout=out, stderr=out)
    return out.getvalue()


def dump() -> str:
    """Every table, every column; sealed and hashed values as they are stored."""
    text = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 names from the schema
            for row in cursor.fetchall():
                text.append(" ".join(_shown(value) for value in row))
    return "\n".join(text)


def _shown(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1") + " " + bytes(value).hex()
    return str(value)


def pages(console: Client) -> dict[str, str]:
    """Every list of the console, and the pages of its newest rows."""
    shown: dict[str, str] = {"home": console.get(reverse("admin:index")).content.decode()}
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        shown[name] = console.get(reverse(f"{name}_changelist")).content.decode()
        for row in model._default_manager.order_by("-pk")[:6]:
            page = console.get(reverse(f"{name}_change", args=[row.pk]))
            shown[f"{name} {row.pk}"] = page.content.decode()
    return shown
