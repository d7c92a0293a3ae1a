from __future__ import annotations

from typing import Any

from idp.claims import DIALECT
from idp.models import ROOT
from provisioning.demo.people import DEPARTMENTS, PEOPLE, Person

TARGET_TENANT = "partner.example"
PROVISIONER = "provisioner"


def configuration(address: str, target_password: str) -> dict[str, Any]:
    """The demo as a configuration file; `address` is HOST:PORT of the server."""
    return {
        "version": 1,
        "tenants": [
            {
                "domain": TARGET_TENANT,
                "operators": [
                    {
                        "username": PROVISIONER,
                        "password": target_password,
                        "role": "operator",
                        "use_doors": True,
                    }
                ],
            },
            {
                "domain": ROOT,
                "identity_providers": [_partner(address, target_password)],
                "service_providers": [
                    {
                        "name": "resident",
                        "outbound": [{"identity_provider": "partner", "connector": "scim2"}],
                    }
                ],
                "groups": [{"name": group} for group in DEPARTMENTS],
                "users": [_user(person) for person in PEOPLE],
            },
        ],
    }


def _partner(address: str, password: str) -> dict[str, Any]:
    base = f"http://{address}/t/{TARGET_TENANT}/scim2"
    return {
        "name": "partner",
        "display_name": "Partner",
        "description": "The tenant partner.example of this very server.",
        "home_realm_identifier": TARGET_TENANT,
        "connectors": [
            {
                "type": "scim2",
                "settings": {
                    "user_endpoint": f"{base}/Users",
                    "group_endpoint": f"{base}/Groups",
                    "authentication": "basic",
                    "username": f"{PROVISIONER}@{TARGET_TENANT}",
                    "password": password,
                },
            }
        ],
    }


def _user(person: Person) -> dict[str, Any]:
    address = f"{person.username}@acme.example"
    values = {
        "givenname": person.given,
        "lastname": person.family,
        "formattedName": f"{person.given} {person.family}",
        "displayName": f"{person.given} {person.family}",
        "emailaddress": address,
        "title": person.title,
        "department": DEPARTMENTS[person.group],
        "organization": "Acme",
        "phoneNumbers.work": person.phone,
        "mobile": person.mobile,
        "locality": person.city,
        "country": person.country,
        "local": person.locale,
        "employeeNumber": str(1000 + PEOPLE.index(person)),
    }
    return {
        "username": person.username,
        "claims": {DIALECT + name: value for name, value in values.items() if value},
        "groups": [person.group],
    }
