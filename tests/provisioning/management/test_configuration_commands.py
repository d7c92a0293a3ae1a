from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import yaml

from idp.models import Operator
from tests.provisioning.configuration.files import FULL, in_tenant
from tests.provisioning.management.running import run

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "purveyor.yaml"
    file.write_text(FULL)
    return file


def test_apply_tells_what_it_did_and_the_second_time_that_it_did_nothing(file: Path) -> None:
    first, second = run("apply", file), run("apply", file)

    assert (first.code, second.code) == (0, 0)
    assert "created   carbon.super: connector partner/scim2\n" in first.out
    assert first.out.endswith("5 created, 2 changed, 1 unchanged\n")
    assert second.out == "0 created, 0 changed, 8 unchanged\n"


def test_apply_reports_as_json(file: Path) -> None:
    told = run("apply", file, "--json").json

    assert (told["created"], told["changed"], told["unchanged"]) == (5, 2, 1)
    assert {
        "type": "operator",
        "tenant": "carbon.super",
        "name": "ops",
        "result": "created",
        "fields": [],
    } in told["items"]


def test_a_dry_run_does_nothing(file: Path) -> None:
    ended = run("apply", file, "--dry-run")

    assert ended.out.endswith("5 created, 2 changed, 1 unchanged (dry run: nothing was done)\n")
    assert not Operator.objects.exists()


def test_apply_reads_json_and_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps({"version": 1, "tenants": [{"domain": "a.example"}]})
    (tmp_path / "a.json").write_text(text)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    assert run("apply", tmp_path / "a.json", "--json").json["created"] == 1
    assert run("apply", "-", "--json").json["unchanged"] == 1


def test_what_is_wrong_in_a_file_is_one_sentence_with_its_path(file: Path) -> None:
    file.write_text(FULL.replace("retry_hours", "retry_hour"))

    ended = run("apply", file)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "tenants[0].identity_providers[0].connectors[0].retry_hour: "
        "unknown key; did you mean retry_hours?\n"
    )


def test_a_refused_user_is_told_and_makes_the_answer_negative(file: Path) -> None:
    file.write_text(in_tenant("users: [{username: kim, groups: [nope]}, {username: lee}]"))

    ended = run("apply", file)

    assert ended.code == 1
    assert ended.err.startswith("user kim refused: tenants[0].users[0]: ")
    assert "1 created" in ended.out


def test_export_is_what_apply_takes(file: Path, tmp_path: Path) -> None:
    run("apply", file)
    exported = run("export")
    again = tmp_path / "again.yaml"
    again.write_text(exported.out)

    assert run("apply", again).out == "0 created, 0 changed, 8 unchanged\n"
    assert run("export", "--json").json == yaml.safe_load(exported.out)


def test_export_of_one_tenant(file: Path) -> None:
    run("create_tenant", "b.example")

    told = run("export", "--tenant", "b.example", "--json").json
    assert [tenant["domain"] for tenant in told["tenants"]] == ["b.example"]
    assert len(run("export", "--json").json["tenants"]) == 2
    assert run("export", "--tenant", "nope").code == 2
