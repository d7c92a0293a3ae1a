"""The page that tells of the door is compared with its table of operations."""

from __future__ import annotations

import re
from pathlib import Path

from provisioning.inbound.soap.operations import OPERATIONS, Operation
from provisioning.inbound.soap.parameters import Param
from provisioning.inbound.soap.vocabulary import Kind

ROOT = Path(__file__).resolve().parents[4]
PAGE = ROOT / "docs" / "standards" / "soap.md"


def told(param: Param) -> str:
    kind = "" if param.kind is Kind.STRING else f": {param.kind}"
    return f"{param.name}{'*' if param.many else ''}{kind}"


def row(operation: Operation) -> tuple[str, str, str]:
    params = ", ".join(map(told, operation.params)) or "none"
    returns = operation.returns
    if returns is None:
        return operation.name, params, "a change"
    return operation.name, params, f"{returns.kind}{'*' if returns.many else ''}"


def test_the_page_shows_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|", PAGE.read_text(), re.MULTILINE)

    assert rows == [row(operation) for operation in OPERATIONS]


def test_every_error_code_is_told() -> None:
    code = "\n".join(
        path.read_text() for path in (ROOT / "provisioning/inbound/soap").glob("*.py")
    )
    kinds = set(re.findall(r'kind="(\w+)"', code))

    assert kinds
    assert {kind for kind in kinds if f"`{kind}`" not in PAGE.read_text()} == set()
