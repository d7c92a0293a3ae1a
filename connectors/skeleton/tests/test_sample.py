"""What is particular about Sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from purveyor_sample import SampleConnector
from sample_server import SampleServer

from connectors import Entity, EntityType, Http
from connectors.testing import accepted

KIM = Entity(
    EntityType.USER,
    local_id="kim-here",
    remote_name="kim",
    attributes={"title": "Pilot", "city": "Oslo"},
)


@pytest.fixture
def server() -> Iterator[SampleServer]:
    with SampleServer() as server:
        yield server


@pytest.fixture
def connector(server: SampleServer) -> Iterator[SampleConnector]:
    with Http(allow_private=True) as http:
        yield SampleConnector(server.settings, http)


def test_only_what_changed_is_sent_and_what_is_gone_is_cleared(
    server: SampleServer, connector: SampleConnector
) -> None:
    receipt = connector.create(KIM)

    connector.update(replace(accepted(KIM, receipt), attributes={"title": "Captain"}))

    [request] = server.requests("PATCH")
    assert request.json == {"title": "Captain", "city": None}
    assert server.users[receipt.remote_id]["title"] == "Captain"


def test_the_page_lists_every_setting() -> None:
    page = (Path(__file__).parent.parent / "docs" / "sample.md").read_text()

    assert [
        field.name for field in SampleConnector.fields if f"`{field.name}`" not in page
    ] == []


def test_purveyor_finds_it_where_it_is_installed() -> None:
    found = entry_points(group="purveyor.connectors", name="sample")
    if not found:
        pytest.skip("the package is not installed")

    assert {point.load() for point in found} == {SampleConnector}
