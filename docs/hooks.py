"""Hooks of mkdocs: what the documents link to outside of their folder comes along.

Pages beside the code (README, changelog) become pages of the site, and files of the code
become pages that show them; links are bent to where these are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s#]+)")
README = "purveyor.md"
"""Where the README is: a page of that name would be the first of its folder."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add a page for everything that is linked to and not in `docs`."""
    for source in sorted(_linked()):
        content = _page(source) if source.suffix == ".md" else _shown(source)
        files.append(File.generated(config, _place(source), content=content))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links of pages in `docs`; those of the others are bent when they are brought along."""
    source = DOCS / page.file.src_uri
    return _bent(markdown, source) if source.exists() else markdown


def _page(source: Path) -> str:
    return _bent(source.read_text(), source)


def _shown(source: Path) -> str:
    """A page with a file of the code, or with the names in a folder."""
    name = source.relative_to(ROOT).as_posix()
    if source.is_dir():
        names = sorted(child.name for child in source.iterdir() if child.name[0] not in "_.")
        return "\n".join([f"# {name}", "", *(f"- `{child}`" for child in names), ""])
    lines = "".join(f"    {line}" for line in source.read_text().splitlines(keepends=True))
    return f"# {name}\n\n{lines}\n"


def _linked() -> set[Path]:
    """Files outside of `docs` that its pages link to, and what those link to in turn."""
    found: set[Path] = set()
    waiting = list(DOCS.rglob("*.md"))
    while waiting:
        page = waiting.pop()
        for link in LINK.finditer(FENCE.sub("", page.read_text())):
            target = _target(page, link)
            if target is None or target.is_relative_to(DOCS) or target in found:
                continue
            found.add(target)
            waiting += [target] if target.suffix == ".md" else []
    return found


def _target(page: Path, link: re.Match[str]) -> Path | None:
    target = (page.parent / link.group()).resolve()
    return target if target.exists() and target.is_relative_to(ROOT) else None


def _place(source: Path) -> str:
    """Where the site has this file of the checkout."""
    if source.is_relative_to(DOCS):
        return source.relative_to(DOCS).as_posix()
    place = source.relative_to(ROOT).as_posix()
    if source.suffix == ".md":
        return README if place == "README.md" else place
    return f"code/{place}.md"


def _bent(markdown: str, source: Path) -> str:
    """With links to where the site has what they lead to; blocks of code stay."""
    away = "../" * _place(source).count("/")

    def bend(link: re.Match[str]) -> str:
        target = _target(source, link)
        return link.group() if target is None else away + _place(target)

    return _outside_fences(markdown, lambda text: LINK.sub(bend, text))


def _outside_fences(markdown: str, change: Callable[[str], str]) -> str:
    parts, at = [], 0
    for block in FENCE.finditer(markdown):
        parts += [change(markdown[at : block.start()]), block.group()]
        at = block.end()
    return "".join([*parts, change(markdown[at:])])
