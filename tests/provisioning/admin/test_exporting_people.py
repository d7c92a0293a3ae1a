from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest
from django.test import Client

from idp.models import Tenant
from tests.factories import make_operator
from tests.provisioning.management.running import run


@pytest.fixture
def people(tenant: Tenant, other_tenant: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("userName,password\nkim,secret-1\nlee,\n")
    run("import_users", file)
    file.write_text("name,members\nsales,kim;lee\n")
    run("import_groups", file)
    file.write_text("userName\nstranger\n")
    run("import_users", file, "--tenant", other_tenant.domain)


@pytest.mark.usefixtures("people")
def test_the_list_of_users_is_had_as_a_file_as_it_is_searched(
    tenant: Tenant, client: Client
) -> None:
    client.force_login(make_operator(tenant, "vera", role="viewer"))

    page = client.get("/admin/idp/user/?q=kim")
    answer = client.get("/admin/idp/user/export/jsonl/?q=kim")
    everybody = b"".join(client.get("/admin/idp/user/export/csv/"))  # type: ignore[arg-type]

    assert b"export/jsonl/?q=kim" in page.content
    assert answer["Content-Disposition"].startswith('attachment; filename="users-carbon.super-')
    assert b"".join(answer) == b'{"userName":"kim","active":"true"}\n'  # type: ignore[arg-type]
    assert b"lee" in everybody
    assert b"stranger" not in everybody


@pytest.mark.usefixtures("people")
def test_the_list_of_groups_is_had_with_its_members(tenant: Tenant, client: Client) -> None:
    client.force_login(make_operator(tenant, "vera", role="viewer"))

    answer = client.get("/admin/idp/group/export/csv/?q=sales")

    assert b"".join(answer) == b"name,externalId,members\r\nsales,,kim;lee\r\n"  # type: ignore[arg-type]


def test_a_file_is_for_those_who_may_see_the_list(client: Client, tenant: Tenant) -> None:
    answer = client.get("/admin/idp/user/export/csv/")

    assert answer.status_code == HTTPStatus.FOUND
    assert "/login/" in answer["Location"]
