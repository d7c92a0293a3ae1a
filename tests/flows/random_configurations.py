"""Random configurations, and random changes of people under them. A seed says it all.

What is new in the decision layer is added to one of the lists, in one line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.fakes.scim2 import Scim2Target
from tests.flows.policies import DENY_OTHERS, has_claim, has_role, operation, policy, rule

CLAIM = "http://wso2.org/claims/"
ROLES = ["sales", "Internal/staff", "Internal/boss"]
GROUPS = ["sales", "STAFF/crew", "pilots"]
TITLES = ["", "Lead", "Pilot", "Überflieger"]
PROVIDERS = ["alpha", "beta", "gamma", "delta"]
SENDERS = ["resident", "portal"]

Tree = dict[str, Any]
Twist = Callable[[Random, Tree], object]

MAPPINGS: list[Tree] = [
    {"remote": "title", "local": CLAIM + "title"},
    {"remote": "title", "local": CLAIM + "title", "default": "none yet"},
    {"remote": "nickName", "local": CLAIM + "nickname", "default": "friend"},
    {"remote": "nickName", "local": CLAIM + "nickname", "create_only": True},
    {"remote": "userType", "constant": "partner"},
    {"remote": "userType", "constant": "first of all", "create_only": True},
    {"remote": "name.familyName", "local": CLAIM + "lastname"},
    {"remote": "name.givenName", "local": CLAIM + "givenname", "default": "Some"},
    {"remote": "displayName", "local": CLAIM + "username"},
    {"remote": 'emails[type eq "work"].value', "local": CLAIM + "emailaddress"},
    {"remote": "title", "expression": "store + ' of ' + username"},
    {"remote": "nickName", "expression": f"claims['{CLAIM}nickname'] + '!'"},
]
"""Rows of an own claim dialect."""

POLICIES: dict[str, str] = {
    "no pilots": policy("p1", rule("r", "Deny", has_claim(CLAIM + "title", "Pilot"))),
    "bosses only": policy("p2", rule("r", "Permit", has_role("Internal/boss")), DENY_OTHERS),
    "no updates": policy("p3", rule("r", "Deny", target=operation("PUT"))),
}
"""What rows that ask for rules may be answered."""

PROVIDER_TWISTS: list[Twist] = [
    lambda r, idp: idp.update(enabled=r.random() < 0.92),
    lambda r, idp: idp.update(provisioning_roles=r.sample(ROLES, r.choice([0, 0, 1, 2]))),
    lambda r, idp: idp.update(unmapped_roles=r.choice(["keep", "drop"])),
    lambda r, idp: idp.update(role_mappings=_role_mappings(r)),
    lambda r, idp: idp.update(claim_dialect=r.choice(["local", "custom"])),
    lambda r, idp: idp.update(claim_mappings=_claim_mappings(r)),
]
CONNECTOR_TWISTS: list[Twist] = [
    lambda r, it: it.update(enabled=r.random() < 0.92),
    lambda r, it: it.update(groups=r.choice(["all", "none", r.sample(GROUPS, 2)])),
    lambda r, it: it.update(delete_action=r.choice(["delete", "delete", "disable", "keep"])),
    lambda r, it: it.update(on_deny=r.choice(["keep", "withdraw"])),
    lambda r, it: it.update(on_conflict=r.choice(["adopt", "hold"])),
    lambda r, it: it["settings"].update(user_store_domain=r.choice(["", "", "PARTNER"])),
]
ROW_TWISTS: list[Twist] = [
    lambda r, row: row.update(enable_rules=r.random() < 0.4),
    lambda r, row: row.update(jit_outbound=r.random() < 0.5),
]


def configuration(random: Random, targets: dict[str, Scim2Target]) -> Tree:
    """A whole configuration file in which everything is somehow."""
    providers = [_provider(random, name, targets[name]) for name in PROVIDERS]
    senders = [{"name": name, "outbound": _rows(random)} for name in SENDERS]
    return {
        "version": 1,
        "tenants": [
            {
                "domain": "carbon.super",
                "policies": [
                    {
                        "name": name,
                        "document": document,
                        "published": True,
                        "enabled": random.random() < 0.4,
                    }
                    for name, document in POLICIES.items()
                ],
                "identity_providers": providers,
                "service_providers": senders,
            }
        ],
    }


def _provider(random: Random, name: str, target: Scim2Target) -> Tree:
    connector: Tree = {"type": "scim2", "settings": dict(target.settings)}
    for twist in CONNECTOR_TWISTS:
        twist(random, connector)
    provider: Tree = {"name": name, "connectors": [connector]}
    for twist in PROVIDER_TWISTS:
        twist(random, provider)
    return provider


def _rows(random: Random) -> list[Tree]:
    rows = []
    for name in PROVIDERS:
        if random.random() < 0.9:
            row: Tree = {"identity_provider": name, "connector": "scim2"}
            for twist in ROW_TWISTS:
                twist(random, row)
            rows.append(row)
    return rows


def _role_mappings(random: Random) -> list[Tree]:
    mapped = random.sample(GROUPS, random.choice([0, 1, 2]))
    return [{"local": name, "remote": f"mapped {name.lower()}"} for name in mapped]


def _claim_mappings(random: Random) -> list[Tree]:
    rows = random.sample(MAPPINGS, random.randint(1, 6))
    return list({row["remote"]: row for row in rows}.values())


@dataclass(frozen=True)
class Person:
    """What is to be written of a person this time."""

    document: Tree
    external_id: str
    active: bool


def person(random: Random) -> Person:
    family, title = random.choice(["Doe", "Øst", ""]), random.choice(TITLES)
    document: Tree = {
        "title": title,
        "nickName": random.choice(["", "Kimmy", "Lee Roy"]),
        "name": {"familyName": family, "givenName": random.choice(["Kim", "Lee"])},
    }
    if random.random() < 0.7:
        work = f"{random.choice('abc')}@x.example"
        document["emails"] = [{"value": work, "type": "work", "primary": True}]
    kept = {key: value for key, value in document.items() if value}
    kept["name"] = {key: value for key, value in document["name"].items() if value}
    return Person(
        kept, random.choice(["", f"e{random.randint(1, 10**9)}"]), random.random() < 0.9
    )
