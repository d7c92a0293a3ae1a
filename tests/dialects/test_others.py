"""What little others document of their SCIM 2.0 requests: SailPoint, OneLogin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)


def test_sailpoint_disables_with_an_add_that_has_no_path(
    scim: Scim, row: OutboundTarget, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    path = f"/Users/{scim.make_user('kim')['id']}"
    for active in (False, True):
        answer = scim.patch(path, {"op": "add", "value": {"active": active}})
        assert (answer.status, answer.body["active"]) == (200, active)
        deliver()
        there = target.user("kim")
        assert there is not None
        assert there["active"] is active


def test_onelogin_names_the_schema_of_scim_1(
    scim: Scim, row: OutboundTarget, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    kim = scim.make_user("kim", schemas=["urn:scim:schemas:core:1.0"])
    group = {
        "schemas": ["urn:scim:schemas:core:1.0"],
        "displayName": "sales",
        "members": [{"value": kim["id"]}],
    }
    answer = scim("POST", "/Groups", group)
    assert answer.status == 201
    assert answer.body["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:Group"]
    deliver()
    assert target.member_names("sales") == ["kim"]
