"""The alert rules are what Prometheus reads, and ask for what `/metrics` tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import promql_parser
import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from promql_parser import MatchOp, VectorSelector

from provisioning import housekeeping, ticks
from tests.deploy.reading import DEPLOY, ROOT, documents
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, connector, deliver, row, store, target

__all__ = ["connector", "deliver", "row", "store", "target"]

FOLDER = DEPLOY / "prometheus"
FILE = FOLDER / "purveyor-alerts.yaml"
GROUPS = documents(FILE)[0]["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
OF_PROMETHEUS = {"up"}

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])


def selectors(expression: Any) -> Iterator[VectorSelector]:
    """What an expression asks for, however deep."""
    if isinstance(expression, VectorSelector):
        yield expression
    for name in ("lhs", "rhs", "expr", "vector_selector"):
        if (inner := getattr(expression, name, None)) is not None:
            yield from selectors(inner)
    for inner in getattr(expression, "args", ()):
        yield from selectors(inner)


@pytest.fixture
def told(
    client: Client, row: object, store: Store, target: Scim2Target, deliver: Callable[[], None]
) -> dict[str, list[dict[str, str]]]:
    """The labels of every sample by its name, after a job that was done and one that failed."""
    target.fail_next(400)
    store.add_user("kim")
    deliver()
    store.add_user("lee")
    deliver()
    ticks.run(housekeeping.TASKS[0])
    client.get("/scim2/Users")
    samples: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(client.get("/metrics").content.decode()):
        for sample in family.samples:
            samples.setdefault(sample.name, []).append(sample.labels)
    return samples


@pytest.mark.django_db(transaction=True)
def test_every_metric_that_is_asked_for_is_told(told: dict[str, list[dict[str, str]]]) -> None:
    asked = [found for rule in RULES for found in selectors(promql_parser.parse(rule["expr"]))]

    assert len(asked) >= len(RULES)
    for one in asked:
        if one.name in OF_PROMETHEUS:
            continue
        assert one.name in told
        for matcher in one.matchers.matchers:
            values = {labels.get(matcher.name, "") for labels in told[str(one.name)]}
            assert values != {""}, f"{one.name} has no label {matcher.name}"
            if matcher.name == "state":
                wanted = set(matcher.value.split("|")) if matcher.op is MatchOp.Re else values
                assert wanted <= values
                assert matcher.op is MatchOp.Re or matcher.value in values


@every_rule
def test_a_rule_reads_as_prometheus_reads_it(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"Purveyor[A-Z]\w+", rule["alert"])
    assert rule["labels"]["severity"] in ("page", "ticket")
    promql_parser.parse_duration(rule.get("for", "1s"))
    assert list(selectors(promql_parser.parse(rule["expr"])))


def test_a_rule_that_prometheus_would_refuse_is_found() -> None:
    with pytest.raises(ValueError, match="parenthesis"):
        promql_parser.parse("max by (tenant (purveyor_jobs) > 0")


@every_rule
def test_what_to_do_is_written_where_the_alert_points(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    titles = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}

    assert anchor in anchors


@every_rule
def test_the_summary_names_labels_that_the_alert_has(rule: dict[str, Any]) -> None:
    named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    grouped = set(re.findall(r"by \(([\w, ]+)\)", rule["expr"]))
    has = {label.strip() for group in grouped for label in group.split(",")} | {"instance"}

    assert named <= has


def test_names_are_given_once() -> None:
    names = [rule["alert"] for rule in RULES]

    assert len(set(names)) == len(names)


def test_the_example_of_scraping_loads_these_rules() -> None:
    example = documents(FOLDER / "prometheus.yaml")[0]

    assert example["rule_files"] == [FILE.name]
    assert [job["job_name"] for job in example["scrape_configs"]] == ["purveyor"]
