from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from lxml import etree

from idp.models import Tenant
from tests.factories import make_operator
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Answered, Scim

CORE = "urn:scim:schemas:core:1.0"
ENTERPRISE = "urn:scim:schemas:extension:enterprise:1.0"
WSO2 = "urn:scim:schemas:extension:wso2:1.0"


class Scim1(Scim):
    """A SCIM 1.1 client of the door, in JSON; in XML what `xml` asks."""

    def __init__(self, http: Client, base: str = "/wso2/scim", **more: Any) -> None:
        super().__init__(http, base, **more)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: dict[str, Any] | None = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
        **headers: str,
    ) -> Answered:
        return super().__call__(method, path, body, params, raw, content_type, **headers)

    def partial(self, path: str, **attributes: Any) -> Answered:
        """A PATCH; `meta` names what to remove."""
        return self("PATCH", path, {"schemas": [CORE], **attributes})

    def xml(
        self, method: str, path: str, document: str = "", **headers: str
    ) -> tuple[int, etree._Element | None, dict[str, str]]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.http.generic(
            method,
            f"{self.base}{path}",
            data=document.encode(),
            content_type="application/xml",
            headers={**(self.credentials or {}), "Accept": "application/xml", **given},
        )
        root = etree.fromstring(answer.content) if answer.content else None
        return answer.status_code, root, dict(answer.headers)


def described(answer: Answered) -> str:
    """What the error of an answer says."""
    [error] = answer.body["Errors"]
    assert error["code"] == str(answer.status)
    return str(error["description"])


@pytest.fixture
def scim(client: Client, tenant: Tenant) -> Scim1:
    make_operator(tenant)
    return Scim1(client, credentials=basic())
