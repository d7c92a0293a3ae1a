"""The page about the REST API: its examples run, and its table is the document's."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.provisioning.api.conftest import Api

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "rest-api.md"
EXAMPLE = re.compile(r"```sh\n(curl .*?)```\n\n```json\n(.*?)```", re.DOTALL)
METHODS = ("get", "post", "put", "patch", "delete")


def call(command: str) -> Any:
    """What the API answers to a curl command."""
    words = iter(shlex.split(command)[1:])
    method, url, body, headers = "", "", None, {}
    for word in words:
        if word == "-u":
            pair = base64.b64encode(next(words).encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        elif word == "-X":
            method = next(words)
        elif word == "-H":
            next(words)
        elif word == "-d":
            body = next(words)
        else:
            url = word.removeprefix("http://127.0.0.1:8000")
    method = method or ("POST" if body else "GET")
    return Client().generic(
        method, url, body or "", content_type="application/json", headers=headers
    )


def holds(told: Any, promised: Any) -> bool:
    """Whether everything that the page promises is in the answer."""
    if isinstance(promised, dict):
        return all(key in told and holds(told[key], value) for key, value in promised.items())
    if isinstance(promised, list):
        return len(told) == len(promised) and all(map(holds, told, promised))
    return bool(told == promised)


def test_the_examples_answer_what_the_page_says(api: Api) -> None:
    examples = EXAMPLE.findall(PAGE.read_text().replace("\\\n", ""))

    for command, promised in examples:
        told = call(command).json()
        assert holds(told, json.loads(promised)), (command, told)
    assert len(examples) >= 8


def table(document: Any) -> Iterator[str]:
    for path, methods in document["paths"].items():
        did = ", ".join(method.upper() for method in METHODS if method in methods)
        asked = [
            f"`{one['name']}`"
            for method in methods.values()
            for one in method.get("parameters", ())
            if one["in"] == "query" and one["name"] not in ("limit", "cursor")
        ]
        address = path.removeprefix("/api/v1/").replace("{id}", "<id>")
        yield f"| `{address}` | {did} | {' '.join(dict.fromkeys(asked))} |"


def test_the_table_of_addresses_is_the_documents(api: Api) -> None:
    wanted = list(table(api.get("schema/").json()))

    written = re.findall(r"^\| `[a-z].*\|$", PAGE.read_text(), re.MULTILINE)

    assert "\n".join(written) == "\n".join(wanted)
