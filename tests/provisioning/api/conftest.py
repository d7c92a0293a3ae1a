from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from idp.models import Tenant
from provisioning.inbound import verified
from tests.console import World, make_world
from tests.factories import make_operator
from tests.provisioning.inbound.calls import basic


@pytest.fixture(autouse=True)
def _nothing_verified_yet() -> Iterator[None]:
    verified.credentials.forget()
    yield
    verified.credentials.forget()


class Api:
    """A script that calls the API with the same credentials every time."""

    def __init__(self, headers: dict[str, str], prefix: str = "/api/v1") -> None:
        self.client, self.headers, self.prefix = Client(), headers, prefix

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        url = path if path.startswith("/") else f"{self.prefix}/{path}"
        given: dict[str, Any] = {"headers": {**self.headers, **headers}}
        if body is not None:
            given |= {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(url, **given)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("get", path, **headers)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("post", path, body)

    def put(self, path: str, body: Any) -> Any:
        return self.call("put", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self.call("patch", path, body)

    def delete(self, path: str) -> Any:
        return self.call("delete", path)


@pytest.fixture
def api(tenant: Tenant) -> Api:
    """As an administrator of the root tenant."""
    make_operator(tenant)
    return Api(basic())


@pytest.fixture
def world(tenant: Tenant) -> World:
    return make_world(tenant, "kim")


@pytest.fixture
def elsewhere(other_tenant: Tenant) -> World:
    return make_world(other_tenant, "stranger")
