"""Whatever stands in a file: it is applied, or refused in sentences, and never a traceback."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from idp.models import IdentityProvider, Tenant
from provisioning.configuration import ConfigurationError, Result, apply

GOOD: dict[str, Any] = {
    "version": 1,
    "tenants": [
        {
            "domain": "carbon.super",
            "time_zone": "UTC",
            "user_stores": [{"domain": "STAFF"}],
            "operators": [{"username": "ops", "password": "a-long-one-1", "role": "viewer"}],
            "groups": [{"name": "STAFF/sales"}],
            "users": [
                {
                    "username": "STAFF/kim",
                    "password": "a-long-one-2",
                    "claims": {"http://wso2.org/claims/givenname": "Kim"},
                    "groups": ["STAFF/sales"],
                }
            ],
            "identity_providers": [
                {
                    "name": "partner",
                    "provisioning_roles": [],
                    "role_mappings": [{"local": "STAFF/sales", "remote": "Sales"}],
                    "claim_dialect": "custom",
                    "claim_mappings": [
                        {"remote": "title", "local": "http://wso2.org/claims/title"}
                    ],
                    "connectors": [
                        {
                            "type": "scim2",
                            "settings": {"user_endpoint": "http://127.0.0.1:9/Users"},
                            "groups": ["STAFF/sales"],
                            "protected_names": ["admin"],
                            "budget": {"concurrency": 2},
                        }
                    ],
                }
            ],
            "service_providers": [
                {
                    "name": "resident",
                    "outbound": [{"identity_provider": "partner", "connector": "scim2"}],
                }
            ],
        }
    ],
}

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True)
    | st.text(max_size=20)
    | st.sampled_from(["", "\x00", "x" * 400, "PRIMARY/x", "{env: X}", "a/b/c", "Internal/x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=8) | st.sampled_from(["env", "file"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a tree, as a path of keys and positions."""
    found = [path] if path else []
    if isinstance(tree, dict):
        for key, value in tree.items():
            found += places(value, (*path, key))
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            found += places(value, (*path, number))
    return found


def with_value(path: tuple[Any, ...], value: Any) -> Any:
    tree = copy.deepcopy(GOOD)
    holder: Any = tree
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return tree


def problems(tree: Any) -> list[str]:
    """What a dry run refuses; anything but a `ConfigurationError` ends the test."""
    try:
        apply(tree, actor="ops", dry_run=True)
    except ConfigurationError as error:
        return list(error.problems)
    return []


def test_the_file_itself_is_good(tenant: Tenant) -> None:
    assert apply(GOOD, actor="ops", dry_run=True).counts[Result.CREATED] > 5


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(places(GOOD)), value=ANYTHING)
@example(path=("tenants", 0), value={"\n": None})
def test_a_wrong_value_anywhere_is_told_with_its_path(
    tenant: Tenant, path: tuple[Any, ...], value: Any
) -> None:
    assert all(problem and "\n" not in problem for problem in problems(with_value(path, value)))
    assert not IdentityProvider.objects.exists()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=60) | ANYTHING.map(lambda v: json.dumps(v, default=str)))
def test_any_text_is_refused_in_a_sentence(tenant: Tenant, tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8", errors="replace")

    with pytest.raises((CommandError, SystemExit)):
        call_command("apply", str(file), dry_run=True, stdout=io.StringIO())
