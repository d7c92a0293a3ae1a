"""Telling the outside: e-mails to operators and messages to webhooks.

An outbox of its own, in a thread of its own: whatever receivers do, neither requests nor
provisioning wait for it. Rows are leased, tried again with growing pauses for a day, and
kept for operators to see.
"""

from provisioning.courier.housekeeping import clear
from provisioning.courier.messages import ask_again, confirmation, test_webhook
from provisioning.courier.round import Courier, work_off

__all__ = ["Courier", "ask_again", "clear", "confirmation", "test_webhook", "work_off"]
