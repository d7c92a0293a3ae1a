"""The examples of the guide give what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from idp import claim_rows, claims, expressions
from idp.claims import DIALECT
from idp.expressions import sizes

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "map-attributes.md"
ROWS = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", GUIDE.read_text(), re.MULTILINE)
EXAMPLES = [row for row in ROWS if not row[0].isidentifier()]
KIM = expressions.scope(
    claims={
        DIALECT + "title": "Engineer",
        DIALECT + "givenname": "Kim",
        DIALECT + "lastname": "Lee",
        DIALECT + "emailaddress": "kim@acme.example",
    },
    groups=["Internal/admin", "STAFF/sales"],
    username="kim",
    store="STAFF",
    tenant="acme.example",
    idp="crm",
)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 12


@pytest.mark.parametrize(("text", "gives"), EXAMPLES)
def test_an_example_gives_what_the_guide_says(text: str, gives: str) -> None:
    assert claim_rows.problems(claims.BUILT_IN, "", text) == {}
    assert expressions.compile(text).evaluate(KIM) == json.loads(gives)


def test_every_function_the_guide_names_is_there_and_none_is_missing() -> None:
    told = GUIDE.read_text()
    sentence = re.search(r"Beside the operators of CEL there are (.*)", told)
    assert sentence is not None
    named = set(re.findall(r"`(\w+)`", sentence[1]))
    macros = {"map", "filter", "exists", "exists_one", "all"}

    assert named - macros == {
        name for name in sizes.RESULTS if re.fullmatch(r"[A-Za-z]+", name)
    }
