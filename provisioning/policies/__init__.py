"""A tenant's XACML policies: kept in versions, compiled once, asked by the rule gate."""

from provisioning.policies.asking import Ruling, rule_on
from provisioning.policies.keeping import (
    InvalidPolicy,
    check,
    decide_anew,
    enable,
    publish,
    restore,
    save_draft,
    set_order,
    unpublish,
)

__all__ = [
    "InvalidPolicy",
    "Ruling",
    "check",
    "decide_anew",
    "enable",
    "publish",
    "restore",
    "rule_on",
    "save_draft",
    "set_order",
    "unpublish",
]
