"""Configuration files as text, and applying them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from provisioning.configuration import Report, apply, loading

FULL = """
version: 1
tenants:
  - domain: carbon.super
    time_zone: Europe/Berlin
    user_stores: [{domain: PRIMARY}, {domain: STAFF, description: Staff}]
    operators:
      - {username: ops, password: letmein-123, role: administrator, use_doors: true}
    identity_providers:
      - name: partner
        display_name: Partner
        home_realm_identifier: partner.example
        provisioning_roles: [Internal/staff]
        role_mappings: [{local: STAFF/sales, remote: Sales}]
        unmapped_roles: drop
        claim_dialect: custom
        claim_mappings:
          - {remote: name.familyName, local: "http://wso2.org/claims/lastname"}
          - {remote: locale, constant: en}
          - {remote: nickName, local: "http://wso2.org/claims/nickname", default: x,
             create_only: true}
        jit: {user_store: STAFF, prompt: consent}
        connectors:
          - type: scim2
            settings: {user_endpoint: "http://127.0.0.1:9/Users", username: admin,
                       password: hush-hush, enable_password_provisioning: true}
            groups: [STAFF/sales]
            delete_action: disable
            protected_names: [admin]
            retry_hours: 2
            budget: {requests_per_second: 2.5, burst: 3, concurrency: 2, daily_quota: 900}
            mode: dry_run
            maintenance_windows:
              - {days: [sat, sun], from: "22:00", to: "04:00"}
              - {from: "2026-12-24T18:00", to: "2026-12-26T06:00"}
            deletion_guard: {window_minutes: 30}
    service_providers:
      - name: resident
        inbound: {user_store: STAFF}
        outbound: [{identity_provider: partner, connector: scim2, blocking: true}]
      - name: hr-portal
        description: HR
        oauth_client: {client_id: hr, client_secret: hr-secret-1}
        redirect_uris: ["https://hr.example/cb"]
"""


def tree(text: str, folder: Path = Path()) -> Any:
    return loading.fill(loading.parse(dedent(text)), folder)


def applied(text: str, **options: Any) -> Report:
    return apply(tree(text), actor="test", **options)


def in_tenant(text: str) -> str:
    """A file about carbon.super alone; `text` is one YAML flow mapping's inside."""
    return f"{{version: 1, tenants: [{{domain: carbon.super, {text}}}]}}"
