"""What the documents say is so: links, commands, addresses, settings, files, words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import get_commands, load_command_class
from django.http import HttpResponse
from django.urls import resolve

from config.probes import Probes
from provisioning.configuration import apply, loading
from provisioning.configuration.loading import Given
from tests.fakes.saml.metadata import metadata

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE_SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"manage\.py ([a-z_][a-z0-9_]*)((?: [^`\n|;&]*)?)")
PROBES = Probes(lambda _request: HttpResponse()).answers
PACKAGES = ("config", "connectors", "idp", "provisioning", "serviceproviders", "tests")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def blocks(page: Path, language: str) -> Iterator[str]:
    for indent, kind, body in FENCE.findall(page.read_text()):
        if kind == language:
            yield re.sub(f"^{indent}", "", body, flags=re.MULTILINE)


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text())


def shell_lines(page: Path) -> Iterator[str]:
    """The commands a reader would type: shell blocks with continued lines joined."""
    for block in blocks(page, "sh"):
        yield from re.sub(r"\\\n\s*", " ", block).splitlines()


def spoken_and_typed(page: Path) -> str:
    return "\n".join([*CODE_SPAN.findall(prose(page)), *shell_lines(page)])


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", title.lower()) for title in titles]
    return {title.strip().replace(" ", "-") for title in plain}


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for link in LINK.findall(prose(page)):
        if urlsplit(link).scheme:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)

    assert dead == []


def test_every_page_can_be_reached_from_the_index() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for link in LINK.findall(prose(page)):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target in PAGES and target not in reached:
                waiting.append(target)

    assert [name_of(page) for page in PAGES if page not in reached] == []


@every_page
def test_commands_exist_with_their_options(page: Path) -> None:
    unknown = []
    for name, rest in COMMAND.findall(spoken_and_typed(page)):
        app = get_commands().get(name)
        if app is None:
            unknown.append(name)
            continue
        parser = load_command_class(str(app), name).create_parser("manage.py", name)
        known = {flag for action in parser._actions for flag in action.option_strings}
        given = re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest)
        unknown += [f"{name} {flag}" for flag in given if flag not in known]

    assert unknown == []


@every_page
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"(?:^|[\s$(])make ([a-z0-9]+)\b", spoken_and_typed(page)))

    assert named - targets == set()


@every_page
def test_addresses_in_examples_are_ours(page: Path) -> None:
    for block in blocks(page, "sh"):
        for path in re.findall(r"(?:http://127\.0\.0\.1:8000|\$BASE)(/[^?\s\"')]*)", block):
            if path not in PROBES:
                resolve(path)


@every_page
def test_environment_variables_exist(page: Path) -> None:
    told = (ROOT / ".env.example").read_text()
    known = set(re.findall(r"^([A-Z_]+)=", told, re.MULTILINE))

    named = set(re.findall(r"\bPURVEYOR_[A-Z_]+\b", page.read_text()))

    assert named - known == set()


@every_page
def test_files_and_modules_named_exist(page: Path) -> None:
    missing = []
    for span in CODE_SPAN.findall(prose(page)):
        folder = re.match(rf"(?:{'|'.join((*PACKAGES, 'docs', 'templates'))})/[\w/.-]*$", span)
        if folder and not (ROOT / span).exists():
            missing.append(span)
        if re.match(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+(?:\(\))?$", span):
            missing += [span] if found(span.removesuffix("()")) is None else []

    assert missing == []


@every_page
@pytest.mark.django_db
def test_configuration_in_examples_can_be_applied(page: Path) -> None:
    for block in blocks(page, "yaml"):
        tree = loading.parse(block)
        if isinstance(tree, dict) and "version" in tree:
            apply(filled(tree), actor="a reader", dry_run=True)


def test_every_word_of_the_glossary_stands_for_something() -> None:
    rows = re.findall(r"^\| \*\*[^|]+ \|[^|]+\| ([^|]+)\|", glossary(), re.MULTILINE)

    names = [name for row in rows for name in CODE_SPAN.findall(row)]

    assert len(names) > 30
    assert [name for name in names if found(name) is None] == []


def test_words_we_do_not_use_are_not_names_in_the_code() -> None:
    banned = re.compile(r"class \w*(?:Manager|Handler|Helper|Util)\b")
    theirs = {"OperatorManager"}  # Django's own word for what stands behind `objects`

    found_there = {
        match
        for package in PACKAGES[:-1]
        for path in (ROOT / package).rglob("*.py")
        for match in banned.findall(path.read_text())
    }

    assert {name.removeprefix("class ") for name in found_there} - theirs == set()


def glossary() -> str:
    return (ROOT / "docs" / "glossary.md").read_text()


def filled(value: Any) -> Any:
    """The tree with something in the place of every `{env: …}` and `{file: …}`."""
    if isinstance(value, list):
        return [filled(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and set(value) <= {"env", "file"}:
        if "metadata" in str(value):
            return Given(metadata())
        a_webhooks = "WEBHOOK" in str(value)
        return Given(f"whsec_{'A' * 44}" if a_webhooks else "from-somewhere-else-1")
    return {key: filled(item) for key, item in value.items()}


def found(dotted: str) -> Any:
    """The module, class, field or function of that name; None when there is none."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            held: Any = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            held = getattr(held, part, None) or getattr(held, "__dataclass_fields__", {}).get(
                part
            )
        return held
    return None
