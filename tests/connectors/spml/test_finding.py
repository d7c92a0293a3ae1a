"""Finding accounts again: only who was really asked for, and no guesses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import (
    Ambiguous,
    ConnectorIsWrong,
    EntityType,
    JobIsWrong,
    RemoteExists,
    RetryLater,
)
from connectors.spml.connector import SpmlConnector
from connectors.spml.pso import PsoId
from tests.connectors.spml.conftest import Connect, group, operations, person
from tests.fakes.spml import SpmlTarget
from tests.fakes.spml.target import SUSPEND


def test_who_is_found_is_shown_as_they_are(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    receipt = connector.create(person("Kim", active=False))
    target.log.clear()

    [found] = connector.find(person("kim"))

    assert (found.remote_id, found.remote_name) == (receipt.remote_id, "Kim")
    assert not found.active
    assert found.attributes["mail"] == ["k@x.example", "k@y.example"]
    assert found.attributes["sn"] == "Lee"
    assert operations(target) == ["SearchRequest", "ActiveRequest"]


def test_a_group_is_no_user(target: SpmlTarget, connector: SpmlConnector) -> None:
    connector.create(group("kim"))
    target.group("kim").attributes["accountId"] = ["kim"]

    assert connector.find(person()) == []
    assert len(connector.find(group("kim"))) == 1


def test_all_pages_are_read(connect: Connect) -> None:
    target, connector = connect(filters="ignored", page=2)
    for number in range(5):
        connector.create(person(f"user{number}"))

    assert len(connector.find(person("user4"))) == 1
    assert operations(target).count("IterateRequest") == 2


def test_too_many_are_ambiguous(target: SpmlTarget, connector: SpmlConnector) -> None:
    target.refuse_next("searchRequest", "resultSetToLarge")

    with pytest.raises(Ambiguous):
        connector.find(person())


def test_a_wrong_target_is_the_fault_of_the_settings(connect: Connect) -> None:
    target, connector = connect(settings={"target_id": "other"})
    target.refuse_next("searchRequest", "noSuchIdentifier", "no target other")

    with pytest.raises(ConnectorIsWrong, match="no target other"):
        connector.find(person())


def test_without_search_an_id_that_is_the_name_will_do(connect: Connect) -> None:
    target, connector = connect(capabilities=(SUSPEND,), ids_are_names=True)
    receipt = connector.create(person())
    target.log.clear()

    for _ in range(2):
        [found] = connector.find(person())
        assert found.remote_id == receipt.remote_id

    asked = ["LookupRequest", "ActiveRequest"]
    assert operations(target) == ["SearchRequest", *asked, *asked]


@pytest.mark.parametrize("code", ["noSuchIdentifier", "invalidIdentifier", ""])
def test_without_search_nothing_follows_from_not_finding(connect: Connect, code: str) -> None:
    target, connector = connect(capabilities=(SUSPEND,))
    connector.create(person())
    if code:
        target.refuse_next("lookupRequest", code)

    with pytest.raises(Ambiguous, match="cannot be searched"):
        connector.find(person())


def test_without_search_an_id_of_somebody_else_is_not_believed(connect: Connect) -> None:
    target, connector = connect(capabilities=(SUSPEND,), ids_are_names=True)
    connector.create(person())
    target.user("kim").attributes["accountId"] = ["robin"]

    with pytest.raises(Ambiguous):
        connector.find(person())


def test_a_search_refused_once_is_tried_again(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    connector.create(person())
    target.refuse_next("searchRequest", "customError", "not now")
    with pytest.raises(JobIsWrong, match="not now"):
        connector.find(person())
    target.fault_next("searchRequest", "soap:Client", "what is a search?")
    with pytest.raises(Ambiguous):
        connector.find(person())

    assert len(connector.find(person())) == 1


def test_an_object_without_an_id_cannot_be_kept(connect: Connect) -> None:
    target, connector = connect(gives_ids=False)
    target.garbage_next(path="SearchRequest")

    with pytest.raises(RetryLater) as raised:
        connector.create(person())

    assert raised.value.maybe_sent
    with pytest.raises(RemoteExists):
        connector.create(person())


def test_who_does_not_show_a_name_is_neither_them_nor_somebody_else(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    connector.create(person())
    target.filters = "ignored"
    del target.user("kim").attributes["accountId"]

    with pytest.raises(Ambiguous, match="finds 1 for kim that do not show their accountId"):
        connector.find(person())


def test_not_everybody_is_read_whom_a_provider_finds_by_id_only(connect: Connect) -> None:
    target, connector = connect(finds_data=False, filters="ignored")
    for number in range(30):
        target.store.add({"objectclass": ["user"], "accountId": [f"user{number}"]}, "")

    assert len(connector.find(person("user3"))) == 1
    with pytest.raises(Ambiguous, match="finds 10 for user29"):
        connector.find(person("user29"))
    assert operations(target).count("LookupRequest") == 2 * 20


def test_two_of_one_name_are_one_too_many(connect: Connect) -> None:
    target, connector = connect(gives_ids=False)
    connector.create(person())
    target.user("kim").attributes["accountId"] = ["robin"]
    other = target.store.add({"objectclass": ["user"], "accountId": ["x"]}, "")
    other.attributes["accountId"] = ["lee", "KIM"]

    with pytest.raises(Ambiguous, match="2 objects"):
        connector.create(person())


def test_only_the_name_asked_for_counts(target: SpmlTarget, connector: SpmlConnector) -> None:
    receipt = connector.create(group("crew"))
    target.group("crew").attributes["cn"] = ["crew", "sailors"]

    [found] = connector.find(group("Sailors"))

    assert (found.remote_id, found.remote_name) == (receipt.remote_id, "sailors")
    fetched = connector.fetch(EntityType.GROUP, receipt.remote_id)
    assert fetched is not None
    assert fetched.remote_name == "crew"


texts = st.text(st.sampled_from("{}%aD7/ü "), max_size=8)


@given(texts, texts, texts)
def test_whatever_an_id_is_it_comes_back(pso_id: str, target: str, own: str) -> None:
    kept = PsoId(pso_id, target).remote_id(own)

    assert PsoId.parse(kept, own) == PsoId(pso_id, target or own)
