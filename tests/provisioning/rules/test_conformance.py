"""The OASIS conformance cases, where they are at hand, compared by what they mean.

They are not ours to copy: `PURVEYOR_XACML_CONFORMANCE` names their folder, else it lies beside
the project.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from provisioning import rules
from provisioning.rules import PolicyRefused, RequestRefused, datatypes, names

ROOT = Path(__file__).resolve().parents[3]
BESIDE = ROOT.parent / "shared" / "xacml-conformance"
FOLDER = Path(os.environ.get("PURVEYOR_XACML_CONFORMANCE") or BESIDE)
CASES = (
    sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) if FOLDER.is_dir() else []
)

pytestmark = pytest.mark.skipif(
    not CASES, reason=f"NO XACML CONFORMANCE CASES: {FOLDER} is not there"
)


def answer(case: Path) -> bytes:
    folder = case / "repository"
    files = {path.name: path.read_bytes() for path in folder.glob("*.xml")}
    policy = rules.load((case / "Policy.xml").read_bytes(), rules.Repository(files, rules.load))
    asked = rules.parse_request((case / "Request.xml").read_bytes())
    results = [rules.decide(policy, one) for one in asked.requests]
    return rules.write_response(asked, results)


def name(element: Any) -> str:
    return str(etree.QName(element).localname)


def meant(element: Any) -> Any:
    """A value by what it means."""
    text = element.text or ""
    data_type = element.get("DataType", names.STRING)
    if data_type == names.XPATH:
        return text.strip(), element.get("XPathCategory")
    kind = datatypes.find(data_type)
    assert kind is not None
    return kind.parse(text)


def assigned(duty: Any) -> list[Any]:
    return [
        (one.get("AttributeId"), one.get("Category"), one.get("DataType"), meant(one))
        for one in duty
    ]


def duties(result: Any, group: str) -> Counter[str]:
    found = result.find(f"{{*}}{group}")
    listed = () if found is None else found
    return Counter(
        repr((one.get("ObligationId") or one.get("AdviceId"), assigned(one))) for one in listed
    )


def returned(result: Any) -> Counter[str]:
    return Counter(
        repr((attributes.get("Category"), one.get("AttributeId"), one.get("Issuer"), meant(v)))
        for attributes in result.iterfind("{*}Attributes")
        for one in attributes
        for v in one
    )


def told(document: bytes) -> list[Any]:
    """What a Response says, in a form in which two can be compared."""
    return [
        {
            "decision": result.findtext("{*}Decision"),
            "status": result.find("{*}Status/{*}StatusCode").get("Value"),
            "obligations": duties(result, "Obligations"),
            "advice": duties(result, "AssociatedAdvice"),
            "attributes": returned(result),
            "policies": {
                (name(one), one.text, one.get("Version"))
                for one in result.iterfind("{*}PolicyIdentifierList/*")
            },
        }
        for result in etree.fromstring(document, etree.XMLParser(remove_comments=True))
    ]


@pytest.mark.parametrize("case", CASES)
def test_the_case_is_decided_as_the_standard_says(case: str) -> None:
    folder = FOLDER / case
    if not (folder / "Request.xml").exists():
        with pytest.raises(PolicyRefused):
            rules.load((folder / "Policy.xml").read_bytes())
        return
    if not (folder / "Policy.xml").exists():
        with pytest.raises(RequestRefused):
            rules.parse_request((folder / "Request.xml").read_bytes())
        return

    assert told(answer(folder)) == told((folder / "Response.xml").read_bytes())


def test_every_case_is_tried(request: pytest.FixtureRequest) -> None:
    with (FOLDER / "manifest.csv").open(newline="") as manifest:
        listed = {row["id"] for row in csv.DictReader(manifest)}

    assert set(CASES) == listed
    if request.config.option.keyword or any("::" in one for one in request.config.args):
        return  # Somebody chose a few.
    function = test_the_case_is_decided_as_the_standard_says.__name__
    items = {item.name for item in request.session.items}
    assert {f"{function}[{case}]" for case in listed} <= items
