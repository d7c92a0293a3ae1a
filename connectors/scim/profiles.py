"""What a product at the far end cannot take, beyond what its answers tell by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SINGLE_VALUES: Mapping[str, tuple[str, ...]] = {
    # AWS IAM Identity Center refuses a second value.
    "aws": ("emails", "phoneNumbers", "addresses"),
}


def adapted(document: Mapping[str, Any], profile: str) -> dict[str, Any]:
    """The document as this product takes it. Profiles that are not known change nothing."""
    single = _SINGLE_VALUES.get(profile.strip().lower(), ())
    return {key: _primary(value) if key in single else value for key, value in document.items()}


def _primary(values: Any) -> Any:
    if not isinstance(values, list):
        return values
    primary = [one for one in values if isinstance(one, Mapping) and one.get("primary") is True]
    return (primary or values)[:1]
