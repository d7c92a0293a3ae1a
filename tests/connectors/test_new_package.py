"""What a new package is called, and where it is not written."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors import new_package


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_every_file_is_there_under_its_name(tmp_path: Path) -> None:
    folder = new_package.write("acme_hr", tmp_path)

    assert folder == tmp_path / "acme_hr"
    assert files(folder) == [
        "docs/acme_hr.md",
        "pyproject.toml",
        "src/purveyor_acme_hr/__init__.py",
        "src/purveyor_acme_hr/client.py",
        "src/purveyor_acme_hr/connector.py",
        "src/purveyor_acme_hr/fields.py",
        "src/purveyor_acme_hr/py.typed",
        "tests/acme_hr_server.py",
        "tests/test_acme_hr.py",
        "tests/test_contract.py",
    ]
    text = "".join((folder / name).read_text() for name in files(folder))
    assert "sample" not in text.lower()
    assert 'acme_hr = "purveyor_acme_hr:AcmeHrConnector"' in text
    assert 'name = "purveyor-acme-hr"' in text


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Acme",
        "1acme",
        "acme-hr",
        "acme.hr",
        "../acme",
        "_acme",
        "acme_",
        "a__b",
        "é",
        "a" * 41,
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(new_package.CannotWrite, match="cannot be a connector's name"):
        new_package.write(name, tmp_path)

    assert files(tmp_path) == []


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(new_package.CannotWrite, match="There is a connector scim2 already"):
        new_package.write("scim2", tmp_path)


def test_what_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "mine.py").write_text("mine")

    with pytest.raises(new_package.CannotWrite, match="is there already"):
        new_package.write("acme", tmp_path)
    with pytest.raises(new_package.CannotWrite, match="There is no directory"):
        new_package.write("acme", tmp_path / "nowhere")

    assert files(tmp_path) == ["acme/mine.py"]
