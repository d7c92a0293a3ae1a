"""The guide's code is that of a new package, or runs; the reference names what there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args

import pytest

import connectors
from connectors import ConfigField, Connector, Kind, new_package, testing

PAGES = Path(__file__).parent.parent.parent / "docs" / "extend"
GUIDE = (PAGES / "write-a-connector.md").read_text()
REFERENCE = (PAGES / "connector-reference.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def rows(title: str, number: int = 0) -> list[str]:
    """The names in the first column of the section's so-manieth table."""
    section = re.split(rf"^## {title}$", REFERENCE, flags=re.MULTILINE)[1]
    section = re.split(r"^## ", section, flags=re.MULTILINE)[0]
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return re.findall(r"^\| `(\w+)` \|", tables[number], re.MULTILINE)


def plain(code: str) -> str:
    """Without what depends on how far it is indented."""
    return re.sub(r"\s+", "", code)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_package.write("acme", tmp_path_factory.mktemp("guide"))


def test_the_code_of_the_guide_is_that_of_a_new_package_or_holds(package: Path) -> None:
    written = plain("".join(path.read_text() for path in package.rglob("*.py")))
    examples = [block for block in BLOCKS if plain(block) not in written]

    assert len(BLOCKS) - len(examples) >= 8
    assert len(examples) == 2
    for example in examples:
        assert "assert " in example
        held: dict[str, Any] = {}
        exec(compile(dedent(example), "the guide", "exec"), held)  # noqa: S102 our own page


def test_the_guide_names_every_file_of_a_new_package(package: Path) -> None:
    table = re.findall(r"^\| `acme/([\w/]+\.\w+)` \|", GUIDE, re.MULTILINE)
    left_out = {"__init__.py", "py.typed"}

    there = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}

    assert set(table) == {name for name in there if Path(name).name not in left_out}


def test_the_reference_names_all_that_is_public_and_nothing_else() -> None:
    told = [*rows("Values"), *rows("Errors"), *rows("Tools")]

    assert sorted(told) == sorted(connectors.__all__)
    assert sorted(rows("Testing")) == sorted(testing.__all__)
    for module in (connectors, testing):
        assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_the_reference_names_every_part_of_a_connector() -> None:
    parts = {name for name in (*vars(Connector), *Connector.__annotations__) if name[0] != "_"}

    assert set(rows("The connector")) == parts


def test_the_reference_says_which_parts_must_be_there() -> None:
    must = set(re.findall(r"^\| `(\w+)` \| yes \|", REFERENCE, re.MULTILINE))

    assert must == {"key", "label", *Connector.__abstractmethods__}


def test_the_reference_names_all_of_a_field() -> None:
    assert rows("Settings", 0) == [field.name for field in fields(ConfigField)]
    assert rows("Settings", 1) == list(get_args(Kind))


def test_the_reference_names_what_a_fake_must_offer() -> None:
    wanted = {name for name in vars(testing.Remote) if not name.startswith("_")}

    assert set(rows("Testing", 1)) == wanted - set(dir(testing.FakeServer))
