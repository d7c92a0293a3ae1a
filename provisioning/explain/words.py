"""Verdicts and gates in the words of an operator."""

from __future__ import annotations

from datetime import UTC, datetime

from provisioning.gates import MAPPING, RULE
from provisioning.models import Job, LinkState, ProvisionedEntity, State
from provisioning.planning import Kind, Verdict

QUESTIONS = {
    "enabled": "Are the identity provider and the connector switched on?",
    "outbound": "Does an outbound row lead there?",
    "jit": "May it come from a login?",
    "type": "Does the connector take this kind of entity?",
    "groups": "Does the connector take this group?",
    "role": "Does the person hold a provisioning role?",
    "rule": "Do the rules let it through?",
    "mapping": "Can the claims be mapped?",
}
"""What each gate asks."""

VERDICTS = {
    Kind.DELETE: "The account would be removed",
    Kind.WITHDRAW: "The account would be taken away",
    Kind.SKIP: "Nothing would be sent now",
    Kind.OWE: "The account should go and cannot",
}

STOPS = {
    "paused": "The connector is paused: what is queued waits.",
    "quarantined": "The connector is in quarantine: what is queued waits until it is well.",
    "dry_run": "The connector is in dry run: requests are written down and not sent; what "
    "was rehearsed goes once it is active.",
}


AGAIN = {
    RULE: "the rules let them; they are asked again when policies or their groups change, and "
    "by the clock",
    MAPPING: "every row of the mapping has an answer; it is tried again when it changes, and "
    "by the clock",
}
"""When whoever is held back goes."""


def question(gate: str) -> str:
    return QUESTIONS.get(gate, gate)


def summary(
    verdict: Verdict,
    state: str,
    last: Job | None,
    held: datetime | None = None,
    maintenance: str = "",
) -> str:
    """Where they are, what would be sent, and what stands in the way; in whole sentences.

    `held`: since when they are remembered as held back; `maintenance`: until when, in words.
    """
    link = verdict.place.link if verdict.place else None
    said = [_whereabouts(link, last), _would_be(verdict, link)]
    if held is not None:
        again = AGAIN[verdict.objection]
        since = f"{held.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        said.append(f"Held back since {since}; sent without a change as soon as {again}.")
    if maintenance:
        said.append(f"The target is in {maintenance}: what is queued waits.")
    if state in STOPS:
        said.append(STOPS[state])
    if last is not None and last.state in (State.FAILED, State.HELD) and last.reason:
        said.append(f"The last job is {last.state}: {last.reason.rstrip('.')}.")
    return " ".join(sentence for sentence in said if sentence)


def _whereabouts(link: ProvisionedEntity | None, last: Job | None) -> str:
    on_its_way = last is not None and last.state in (State.PENDING, State.RUNNING)
    if link is None:
        return "On the way there." if on_its_way else "Not there."
    there = {
        LinkState.LINKED.value: f"There as {link.remote_name}",
        LinkState.FORMER.value: f"Was there; {link.remote_name} was left disabled or kept",
        LinkState.LEFT.value: f"There as {link.remote_name}, left on purpose",
    }[str(link.state)]
    disabled = "" if link.active or link.state != LinkState.LINKED else ", disabled"
    return f"{there}{disabled}{', with a change on the way' if on_its_way else ''}."


def _would_be(verdict: Verdict, link: ProvisionedEntity | None) -> str:
    if verdict.kind is Kind.CREATE:
        return f"A change now would make the account {verdict.remote_name}: nothing objects."
    if verdict.kind is Kind.UPDATE:
        renamed = link is not None and link.remote_name != verdict.remote_name
        rename = f" and rename it to {verdict.remote_name}" if renamed else ""
        return f"A change now would update it{rename}: nothing objects."
    return f"{VERDICTS[verdict.kind]}: {verdict.reason}."
