"""Run as a program: canaille with Kim, who is in the group Sales, and our client.

PUT /people/<name> says other claims of somebody.
"""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime

import portpicker
from canaille import create_app
from canaille.app import models
from canaille.app.flask import csrf
from canaille.backends import Backend
from flask import Flask, request
from joserfc.jwk import JWKRegistry
from pytest_iam import Server

from tests.fakes.openid import CLIENT_ID, SECRET


def main() -> None:
    port = portpicker.pick_unused_port()
    app = create_app(config=_configuration(port))
    server = Server(app, port, Backend.instance)
    with app.app_context():
        _fill(server.backend, os.environ["BASE"])
        _let_people_change(app, server.backend)
        print(f"listening at http://localhost:{port}", flush=True)  # noqa: T201 its answer
        server.httpd.serve_forever()


def _configuration(port: int) -> dict[str, object]:
    jwk = JWKRegistry.generate_key("RSA", 2048)
    jwk.ensure_kid()
    return {
        "TESTING": True,
        "ENV_FILE": None,
        "SECRET_KEY": str(uuid.uuid4()),
        "PREFERRED_URL_SCHEME": "http",
        "SERVER_NAME": f"localhost:{port}",
        "CANAILLE": {
            "DATABASE": "memory",
            "JAVASCRIPT": False,
            "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
        },
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [jwk.as_dict(private=True)]},
    }


def _let_people_change(app: Flask, backend: Backend) -> None:
    @app.put("/people/<name>")
    @csrf.exempt
    def change(name: str) -> tuple[str, int]:
        person = backend.get(models.User, user_name=name)
        person.given_name = request.json["given_name"]
        backend.save(person)
        for group in backend.query(models.Group):
            group.members = [one for one in group.members if one.user_name != name]
            backend.save(group) if group.members else backend.delete(group)
        for wanted in request.json["groups"]:
            backend.save(models.Group(display_name=wanted, members=[person]))
        return "", 204


def _fill(backend: Backend, base: str) -> None:
    kim = models.User(
        user_name="kim",
        password="letmein-123",
        given_name="Kim",
        family_name="Lee",
        formatted_name="Kim Lee",
        emails=["kim@canaille.example"],
    )
    backend.save(kim)
    backend.save(models.Group(display_name="Sales", members=[kim]))
    client = models.Client(
        client_id=CLIENT_ID,
        client_secret=SECRET,
        client_name="Purveyor",
        client_uri=base,
        redirect_uris=[f"{base}callback/"],
        post_logout_redirect_uris=[f"{base}signed-out/"],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile", "email", "groups"],
        token_endpoint_auth_method="client_secret_basic",
        client_id_issued_at=datetime.now(UTC),
    )
    backend.save(client)
    client.audience = [client]
    backend.save(client)


if __name__ == "__main__":
    main()
