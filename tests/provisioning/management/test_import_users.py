from __future__ import annotations

import csv
from pathlib import Path

import pytest

from idp.models import Tenant, User
from provisioning import subjects
from provisioning.entity_files.reading import CsvFile
from provisioning.entity_files.shapes import Users
from tests.provisioning.configuration.files import applied, in_tenant
from tests.provisioning.management.running import Ended, run

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def imported(file: Path, text: str, *arguments: object) -> Ended:
    file.write_text(text, encoding="utf-8-sig")
    return run("import_users", file, *arguments)


def test_rows_become_users_with_claims_groups_and_passwords(file: Path) -> None:
    applied(in_tenant("groups: [{name: sales}, {name: staff}]"))

    ended = imported(
        file,
        "userName,givenname,http://wso2.org/claims/emailaddress,Groups,password\r\n"
        'kim,"Kim ""K.""",kim@x.example,sales; staff,secret-1\r\n'
        "\r\n"
        "zoë,Zoë,,,\r\n",
    )

    kim = User.objects.get(username="kim")
    assert ended.out == "2 created, 0 changed, 0 unchanged, 0 refused\n"
    assert kim.document == {
        "name": {"givenName": 'Kim "K."'},
        "emails": [{"value": "kim@x.example", "primary": True}],
    }
    assert kim.password.startswith("md5$")
    assert subjects.group_names(kim.pk) == {"sales", "staff"}
    assert User.objects.get(username="zoë").password == ""


def test_a_second_import_changes_only_what_differs(file: Path) -> None:
    imported(file, "userName,title,password\nkim,Boss,secret-1\nlee,Clerk,\n")
    password = User.objects.get(username="kim").password

    ended = imported(
        file, "userName,title,nickname,password\nkim,,Kimmy,secret-2\nlee,Clerk,,\n", "--json"
    )

    kim = User.objects.get(username="kim")
    assert ended.json == {"created": 0, "changed": 1, "unchanged": 1, "refused": 0}
    assert kim.document == {"title": "Boss", "nickName": "Kimmy"}
    assert kim.password == password


def test_refused_rows_are_told_with_their_lines_and_the_others_go_on(file: Path) -> None:
    ended = imported(
        file,
        "userName,active,groups\nkim,true,\n,true,\nlee,perhaps,\nmax,true,nope\nx,true,,1\n",
    )

    lines = ended.err.splitlines()
    assert ended.code == 1
    assert ended.out == "1 created, 0 changed, 0 unchanged, 4 refused\n"
    assert lines[0] == "line 3: userName is empty"
    assert lines[1] == (
        "line 4: http://wso2.org/claims/active must be true or false, not 'perhaps'"
    )
    assert lines[2].startswith("line 5: ")
    assert "nope" in lines[2]
    assert lines[3] == "line 6: 4 cells, but 3 columns"


def test_refused_rows_can_be_mended_and_imported_again(file: Path, tmp_path: Path) -> None:
    refused = tmp_path / "refused.csv"

    ended = imported(file, "userName,active\nkim,perhaps\nlee,true\n", "--refused", refused)

    assert (ended.code, ended.err) == (1, "")
    with refused.open() as opened:
        [row] = csv.DictReader(opened)
    assert (row["userName"], row["active"], row["refused_line"]) == ("kim", "perhaps", "2")
    assert "must be true or false" in row["refused_because"]
    assert imported(file, refused.read_text().replace("perhaps,2", "true,2")).code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The first line must name the columns, userName among them."),
        ("nicname,title\n", "There is no claim nicname; did you mean nickname?"),
        ("userName,givename\n", "There is no claim givename; did you mean givenname?"),
        ("userName,title,Title\n", "The column http://wso2.org/claims/title is there twice."),
        ("userName,role\n", "The column role cannot be written."),
        ("userName,username\n", "The column userName is there twice."),
    ],
)
def test_a_header_that_cannot_be_understood_is_one_sentence(
    file: Path, text: str, said: str
) -> None:
    ended = imported(file, text)

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_a_file_that_is_not_there_or_no_text_is_one_sentence(file: Path) -> None:
    assert run("import_users", file).err == f"{file}: No such file or directory.\n"

    file.write_bytes(b"userName\n\xff\xfe\n")
    ended = run("import_users", file)
    assert ended.code in (1, 2)
    assert "no CSV in UTF-8" in ended.err


def test_people_come_into_the_tenant_that_is_named(file: Path, other_tenant: Tenant) -> None:
    imported(file, "userName\nkim\n", "--tenant", other_tenant.domain)

    assert User.objects.get().tenant == other_tenant


def test_rows_are_streamed() -> None:
    read: list[int] = []

    def lines() -> object:
        yield "userName\n"
        for number in range(10_000):
            read.append(number)
            yield f"u{number}\n"

    first = next(iter(CsvFile(lines(), Users())))  # type: ignore[arg-type]  # any iterable will do

    assert first.entry["username"] == "u0"
    assert len(read) == 1
