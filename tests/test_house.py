"""The rules of the house that no linter knows."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from connectors import registry

ROOT = Path(__file__).parent.parent
PACKAGES = ("bench", "config", "connectors", "idp", "provisioning", "serviceproviders")
CEILING = 250
CEILING_OF_TESTS = 300
SIGNALS = re.compile(r"@receiver\b|\b(?:pre|post)_(?:save|delete|init)\b|\bm2m_changed\b")
MACHINE_PATHS = re.compile(r"/(?:work/(?:main|shared)|home/\w+|root/\w+)\b")


def code(*folders: str) -> Iterator[tuple[str, str]]:
    """Path and text of our Python files, migrations left out."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text()


def texts() -> Iterator[tuple[str, str]]:
    """Everything people read or run, but this file."""
    for path in (*ROOT.glob("*.md"), ROOT / "Makefile", ROOT / ".env.example"):
        yield path.name, path.read_text()
    for folder in ("docs", "templates", "tests", *PACKAGES):
        for kind in ("py", "md", "html", "css", "js"):
            for path in (ROOT / folder).rglob(f"*.{kind}"):
                if path != Path(__file__):
                    yield str(path.relative_to(ROOT)), path.read_text()


def lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip())


def our_commands() -> list[str]:
    return sorted(name for name, app in get_commands().items() if app in PACKAGES)


def test_imports_go_down_only() -> None:
    lint = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_no_signal_starts_anything() -> None:
    assert [path for path, text in code(*PACKAGES) if SIGNALS.search(text)] == []


def test_files_stay_small() -> None:
    sizes = {path: lines(text) for path, text in code(*PACKAGES)}
    tests = {path: lines(text) for path, text in code("tests")}

    assert {path: size for path, size in sizes.items() if size > CEILING} == {}
    assert {path: size for path, size in tests.items() if size > CEILING_OF_TESTS} == {}


def test_modules_are_named_by_what_they_are() -> None:
    banned = {"utils", "helpers", "common", "misc"}

    assert [path for path, _ in code(*PACKAGES) if Path(path).stem in banned] == []


@pytest.mark.parametrize("command", our_commands())
def test_every_command_has_a_test(command: str) -> None:
    named = re.compile(rf"""["']{command}["']|manage\.py {command}""")
    here = ("tests/test_house.py", "tests/test_docs.py")

    tests = [path for path, text in code("tests") if path not in here and named.search(text)]

    assert tests


@pytest.mark.parametrize("key", sorted(registry.BUILT_IN))
def test_every_connector_has_a_page_with_its_settings(key: str) -> None:
    page = (ROOT / "docs" / "connectors" / f"{key}.md").read_text()

    listed = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)

    assert [field.name for field in registry.load(key).fields if field.name not in listed] == []


def test_the_entry_points_are_the_registry() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["entry-points"][registry.GROUP] == registry.BUILT_IN


def test_the_changelog_tells_what_is_in_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()

    sections = re.findall(r"^## \[?([\w.]+)", changelog, re.MULTILINE)

    assert sections[0] == "Unreleased"
    assert version in changelog


def test_nothing_knows_the_machine_it_was_written_on() -> None:
    found = {path for path, text in texts() if MACHINE_PATHS.search(text)}

    assert found == set()
