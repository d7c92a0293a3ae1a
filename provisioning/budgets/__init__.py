"""How many requests a target gets: so many in a second, in a row, and in a day.

One row per connector (`ConnectorBudget`), shared by all workers, processes and machines.
`force` says what holds just now: what the operator set, lowered by what the target said.
`purse` reckons with the row. A claim takes what its jobs will cost on average (`taking`);
the settlement corrects it by what they did cost (`settling`), so what counts is requests
that were made. `telling` puts it in words, and says when a queue will be empty.

A connector without limits has no row, and pays nothing for this.
"""

from provisioning.budgets.force import COLUMNS, Force, in_force, settings_of
from provisioning.budgets.settling import Spent, settle
from provisioning.budgets.taking import Allowance, allowed, give_back, most_requests
from provisioning.budgets.telling import Live, live
from provisioning.budgets.waiting import holds_up, row_of, waits_until

__all__ = [
    "COLUMNS",
    "Allowance",
    "Force",
    "Live",
    "Spent",
    "allowed",
    "give_back",
    "holds_up",
    "in_force",
    "live",
    "most_requests",
    "row_of",
    "settings_of",
    "settle",
    "waits_until",
]
