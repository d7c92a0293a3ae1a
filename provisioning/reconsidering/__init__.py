"""Planning many people of a connector again: when policies, provisioning roles, a claim mapping
or the way they are judged have changed, and now and then for rules that ask for the time.

A reconsideration is a row; a tick takes it on, some people at a time. Whoever is entitled now
is sent, whoever is not any more is withdrawn (by way of the deletion guard), and nothing is
written to the user store.
"""

from provisioning.reconsidering.asking import (
    ask,
    ask_by_the_clock,
    follow_names,
    follow_policies,
    follow_roles,
    follow_rules,
    follow_settings,
)
from provisioning.reconsidering.working import work

__all__ = [
    "ask",
    "ask_by_the_clock",
    "follow_names",
    "follow_policies",
    "follow_roles",
    "follow_rules",
    "follow_settings",
    "work",
]
