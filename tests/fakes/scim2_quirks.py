"""How SCIM 2.0 servers differ from a good one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Quirks:
    """How this server differs from a good one."""

    patch: bool = True
    patch_status: Literal[200, 204] = 200
    patch_missing_status: int = 405
    ignores_patch: bool = False
    announces_patch: bool | None = None
    """What ServiceProviderConfig says; None: the truth."""
    has_config: bool = True
    groups: bool = True
    filters: Literal["yes", "ignored", "refused"] = "yes"
    ignores_start_index: bool = False
    nobody_status: int = 200
    """Answered to a filter that matches nothing."""
    case_sensitive_filter: bool = False
    total_results: int | None = None
    omits_empty_resources: bool = False
    page_size: int = 100
    integer_ids: bool = False
    created_status: int = 201
    created_body: Literal["resource", "no id", "empty"] = "resource"
    location: Literal["absolute", "relative", "none"] = "absolute"
    duplicate_status: int = 409
    members_in_answers: bool = True
    most_members_at_once: int = 1000
    unknown_members: Literal["accepted", "refused"] = "accepted"
    token_seconds: int | None = 3600
