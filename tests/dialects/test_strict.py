"""Every tolerance of the table in docs/standards/scim2.md: taken, and by strict refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from serviceproviders.models import ServiceProvider
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db
Json = dict[str, Any]
PAGE = Path(__file__).parents[2] / "docs/standards/scim2.md"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
HOME = {"type": "home", "value": "k@home.example"}


def op(name: str, path: str, value: Any) -> Json:
    return {"op": name, "path": path, "value": value}


def patch(operation: Json) -> Json:
    return {"schemas": [PATCH], "Operations": [operation]}


TOLERATED: dict[str, tuple[Json, str]] = {
    "a body that does not name its schema": (
        {"Operations": [op("replace", "title", "Boss")]},
        "schemas",
    ),
    "an unknown attribute": ({"schemas": [USER], "userName": "kim", "shoe": 9}, "shoe"),
    "`op` capitalised": (patch(op("Replace", "title", "Boss")), "op"),
    "a boolean as a word": (patch(op("replace", "active", "False")), "active"),
    "one value for a list": (
        patch(op("add", "emails", {"type": "work", "value": "k@example.org"})),
        "emails",
    ),
    "a bare value for an object": (
        patch(op("add", f"{ENTERPRISE}:manager", "lee")),
        "manager",
    ),
    "a remove that names values": (patch(op("remove", "emails", [HOME])), "value"),
    "a group's remove that names members": (
        patch(op("remove", "members", [{"value": "MEMBER"}])),
        "value",
    ),
    "a key that is a path": (
        patch({"op": "replace", "value": {"name.givenName": "Kim"}}),
        "name.givenName",
    ),
    "a replace of a selection that is empty": (
        patch(op("replace", 'emails[type eq "other"].value', "k@example.org")),
        "emails",
    ),
}


def told() -> dict[str, str]:
    """The rows of the table: what is tolerated, and what strict answers."""
    _, _, rest = PAGE.read_text().partition("| tolerated | strict answers |\n")
    table, _, _ = rest.partition("\n\n")
    return dict(re.findall(r"^\| (.+) \| `(\w+)` \|$", table, re.MULTILINE))


def test_the_table_tells_what_is_tested_here() -> None:
    assert told().keys() == TOLERATED.keys()


@pytest.mark.parametrize("tolerance", TOLERATED)
def test_what_is_tolerated_is_refused_when_strict(
    tolerance: str, scim: Scim, resident: ServiceProvider
) -> None:
    body, named = TOLERATED[tolerance]
    kim = scim.make_user("kim", emails=[HOME])["id"]
    path = f"/Users/{kim}"
    if "members" in tolerance:
        path = f"/Groups/{scim.make_group('sales', [kim])['id']}"
        body = patch(op("remove", "members", [{"value": kim}]))
    method = "PATCH" if "Operations" in body else "PUT"
    before = scim("GET", path).body

    resident.strict = True
    resident.save()
    refused = scim(method, path, body)
    assert (refused.status, refused.body["scimType"]) == (400, told()[tolerance])
    assert named in refused.body["detail"]
    assert scim("GET", path).body == before

    resident.strict = False
    resident.save()
    assert scim(method, path, body).status == 200
    assert scim("GET", path).body != before
