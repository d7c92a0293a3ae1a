"""`make docs`: every page has its place, and in what is built every link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

ROOT = Path(__file__).parent.parent
CONFIGURATION = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
RENAMED = {"purveyor.md": "README.md"}


def places(entries: Any) -> Iterator[str]:
    for entry in entries:
        (place,) = entry.values()
        if isinstance(place, list):
            yield from places(place)
        else:
            yield RENAMED.get(place, place)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_has_one_place() -> None:
    pages = [page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md")]
    beside = [page.relative_to(ROOT) for page in ROOT.glob("*.md")]

    assert sorted(places(CONFIGURATION["nav"])) == sorted(map(str, [*pages, *beside]))


def test_links_lead_somewhere_in_the_site(site: Path) -> None:
    dead = []
    for page in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text()):
            parts = urlsplit(unescape(link))
            if parts.scheme or page.name == "404.html":
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not (target.is_file() or (target / "index.html").is_file()):
                dead.append(f"{page.relative_to(site)}: {link}")

    assert dead == []


def test_links_of_the_readme_stay_inside(site: Path) -> None:
    text = (site / "purveyor.html").read_text()

    for place in ("CHANGELOG.html", "operate/scale.html", "images/overview.png"):
        assert f'"{place}' in text
    assert '<a href="code/LICENSE.html">' in text


def test_files_of_the_code_are_shown(site: Path) -> None:
    shown = unescape((site / "code" / "provisioning" / "worker.py.html").read_text())

    assert "class Worker:" in shown


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    text = (site / "index.html").read_text()

    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//', text)
