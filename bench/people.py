"""The people and the configuration of the benches: always the same ones."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bench import processes
from bench.databases import Database

OPERATOR, PASSWORD = "bench", "letmein-123"
COLUMNS = ("userName", "givenname", "lastname", "emailaddress", "telephone", "title")


def row(number: int, prefix: str = "person") -> tuple[str, ...]:
    name = f"{prefix}-{number:07}"
    return (
        name,
        f"Given{number % 997}",
        f"Family{number}",
        f"{name}@example.org",
        f"+49 30 {number:07}",
        ("Engineer", "Nurse", "Teacher", "Clerk")[number % 4],
    )


def scim(name: str, number: int) -> dict[str, Any]:
    """A person as a SCIM 2.0 client posts one."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "name": {"givenName": f"Given{number % 997}", "familyName": f"Family{number}"},
        "emails": [{"value": f"{name}@example.org", "type": "work", "primary": True}],
        "phoneNumbers": [{"value": f"+49 30 {number:07}", "type": "work"}],
        "title": "Engineer",
    }


def write_csv(path: Path, count: int, prefix: str = "person") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(row(number, prefix) for number in range(count))
    return path


def configuration(
    target_url: str, budget: Mapping[str, Any], **connector: Any
) -> dict[str, Any]:
    """One target for everybody, and an operator who may use the doors."""
    settings = {
        "user_endpoint": f"{target_url}/Users",
        "group_endpoint": f"{target_url}/Groups",
        "authentication": "basic",
        "username": "admin",
        "password": "target-password",
    }
    row = {"identity_provider": "partner", "connector": "scim2", "blocking": False}
    connector = {"type": "scim2", "settings": settings, "budget": dict(budget)}
    operator = {
        "username": OPERATOR,
        "password": PASSWORD,
        "role": "administrator",
        "use_doors": True,
    }
    tenant = {
        "domain": "carbon.super",
        "operators": [operator],
        "identity_providers": [{"name": "partner", "connectors": [connector]}],
        "service_providers": [{"name": "resident", "outbound": [row]}],
    }
    return {"version": 1, "tenants": [tenant]}


def apply(database: Database, document: Mapping[str, Any]) -> None:
    file = database.folder / "bench.yaml"
    file.write_text(yaml.safe_dump(dict(document)))
    processes.manage("apply", str(file), env=database.environment())


def bring(database: Database, count: int, prefix: str = "person") -> None:
    """Import so many people: each is stored and queued like anybody."""
    file = write_csv(database.folder / f"{prefix}.csv", count, prefix)
    processes.manage("import_users", str(file), env=database.environment())
