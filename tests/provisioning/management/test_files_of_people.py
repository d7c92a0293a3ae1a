"""What export_users and export_groups write, import_users and import_groups read."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from idp.models import Group, Membership, Tenant, User
from provisioning.models import AuditEvent
from tests.provisioning.configuration.files import applied, in_tenant
from tests.provisioning.management.running import run

pytestmark = pytest.mark.usefixtures("tenant")
PEOPLE = [
    {"userName": "kim", "password": "secret-1", "active": False, "title": "=1+1"},
    {"userName": "-lee", "externalid": "7;8", "nickname": " Lee ", "telephone": "+49 30"},
    {"userName": "zoë", "givenname": "[Zoë]", "emails.work": "z@x.example"},
]


def put(file: Path, rows: list[dict[str, object]]) -> Path:
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return file


def members_of(name: str) -> set[str]:
    found = Membership.objects.filter(group__name=name)
    return set(found.values_list("user__username", flat=True))


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_what_is_exported_is_imported_without_a_change(tmp_path: Path, format: str) -> None:
    run("import_users", put(tmp_path / "people.jsonl", PEOPLE))
    groups = [
        {"name": "sales", "externalId": "s", "members": ["kim", "-lee"]},
        {"name": "none"},
    ]
    run("import_groups", put(tmp_path / "groups.jsonl", [*groups]))
    before = AuditEvent.objects.count()

    for kind, count in (("users", 3), ("groups", Group.objects.count())):
        exported = run(f"export_{kind}", "--format", format).out
        file = tmp_path / f"again.{format}"
        file.write_text(exported, newline="")
        told = run(f"import_{kind}", file, "--json").json
        assert told == {"created": 0, "changed": 0, "unchanged": count, "refused": 0}
        assert "secret-1" not in exported
        assert "md5$" not in exported

    assert AuditEvent.objects.count() == before
    assert members_of("sales") == {"kim", "-lee"}


def test_another_tenant_is_filled_from_what_one_exports(
    tmp_path: Path, other_tenant: Tenant
) -> None:
    run("import_users", put(tmp_path / "people.jsonl", PEOPLE))
    run("import_groups", put(tmp_path / "groups.jsonl", [{"name": "sales", "members": "kim"}]))

    for kind in ("users", "groups"):
        file = tmp_path / f"{kind}.csv"
        file.write_text(run(f"export_{kind}").out, newline="")
        assert run(f"import_{kind}", file, "--tenant", other_tenant.domain).code == 0

    for user in User.objects.filter(tenant=other_tenant):
        twin = User.objects.exclude(tenant=other_tenant).get(username=user.username)
        assert (user.document, user.external_id) == (twin.document, twin.external_id)
        assert user.active == twin.active
    assert Membership.objects.filter(group__tenant=other_tenant).count() == 1


def test_a_store_is_exported_alone(tmp_path: Path) -> None:
    applied(in_tenant("user_stores: [{domain: PRIMARY}, {domain: STAFF}]"))
    people = [{"userName": "kim"}, {"userName": "STAFF/lee"}]
    run("import_users", put(tmp_path / "people.jsonl", people))

    out = run("export_users", "--format", "jsonl", "--store", "STAFF").out

    assert [orjson.loads(line)["userName"] for line in out.splitlines()] == ["STAFF/lee"]
    assert run("export_users", "--store", "NOPE").err.startswith("There is no user store NOPE")


def test_a_large_group_has_several_rows_and_members_are_only_added(tmp_path: Path) -> None:
    names = [f"u{number}" for number in range(401)]
    run("import_users", put(tmp_path / "people.jsonl", [{"userName": name} for name in names]))
    run("import_groups", put(tmp_path / "all.jsonl", [{"name": "all", "members": names}]))

    exported = run("export_groups", "--format", "jsonl", "--store", "PRIMARY").out
    told = run(
        "import_groups", put(tmp_path / "few.jsonl", [{"name": "all", "members": ["u1"]}])
    )

    assert [len(orjson.loads(line)["members"]) for line in exported.splitlines()] == [
        200,
        200,
        1,
    ]
    assert told.out == "0 created, 0 changed, 1 unchanged, 0 refused\n"
    assert Group.objects.get(name="all").member_count == 401


def test_a_refused_group_can_be_mended_and_imported_again(tmp_path: Path) -> None:
    run("import_users", put(tmp_path / "people.jsonl", [{"userName": "kim"}]))
    rows = [{"name": "sales", "members": ["kim", "nobody"]}, {"name": "staff"}]
    refused = tmp_path / "refused.jsonl"

    ended = run("import_groups", put(tmp_path / "g.jsonl", rows), "--refused", refused)

    told = orjson.loads(refused.read_bytes())
    assert ended.code == 1
    assert told["refused_because"] == "members: there is no user nobody"
    assert (told["refused_line"], Group.objects.filter(name="sales").exists()) == (1, False)
    refused.write_text(refused.read_text().replace('"nobody"', '"kim"'))
    assert run("import_groups", refused).code == 0
    assert members_of("sales") == {"kim"}


def test_an_import_that_was_interrupted_goes_on_where_it_was(tmp_path: Path) -> None:
    run("import_users", put(tmp_path / "half.jsonl", PEOPLE[:2]))

    told = run("import_users", put(tmp_path / "whole.jsonl", PEOPLE), "--json").json

    assert told == {"created": 1, "changed": 0, "unchanged": 2, "refused": 0}
    assert AuditEvent.objects.filter(action="user.create").count() == 3


@pytest.mark.parametrize("kind", ["users", "groups"])
def test_a_dry_run_changes_nothing(tmp_path: Path, kind: str) -> None:
    file = put(tmp_path / "x.jsonl", [{"userName" if kind == "users" else "name": "kim"}])
    before = Group.objects.count()

    assert run(f"import_{kind}", file, "--dry-run", "--json").json["created"] == 1
    assert (User.objects.count(), Group.objects.count()) == (0, before)


def test_the_file_that_is_read_is_not_written_over(tmp_path: Path) -> None:
    file = put(tmp_path / "people.jsonl", PEOPLE)

    assert run("import_users", file, "--refused", file).code == 2
    assert file.read_bytes().count(b"\n") == 3
