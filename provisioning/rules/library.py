"""Many policies, of which few concern a request: found by their targets, not one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from provisioning.rules import combining, limits
from provisioning.rules.combining import Algorithm
from provisioning.rules.decisions import Result, decide_with
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.outcomes import Outcome
from provisioning.rules.policies import Policy
from provisioning.rules.request import Key, Request
from provisioning.rules.targets import TargetKey

_ALL: Final[tuple[TargetKey, ...]] = ()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The policies that may concern a request, in order, combined."""

    algorithm: Algorithm
    policies: Sequence[Policy]

    def applies(self, e: Evaluation) -> bool:
        return True

    def evaluate(self, e: Evaluation) -> Outcome:
        return self.algorithm(e, self.policies)


class Library:
    """An ordered collection of policies, combined by an algorithm. Made once, never changed,
    shared by threads; it decides exactly as a policy set of all of them would.

    Every policy whose target demands certain values (`Policy.target_keys`) is kept under those
    which the fewest others demand too; the others are always evaluated.
    """

    def __init__(
        self, policies: Iterable[Policy], algorithm: str = combining.DENY_OVERRIDES
    ) -> None:
        self.policies = tuple(policies)
        self._algorithm = combining.OF_POLICIES[algorithm]
        self._always: list[int] = []
        self._index: dict[Key, dict[str, list[int]]] = {}
        common = Counter(
            key for policy in self.policies for any_of in policy.target_keys for key in any_of
        )
        for position, policy in enumerate(self.policies):
            self._keep(position, _rarest(policy, common))

    def decide(self, request: Request, *, now: datetime | None = None) -> Result:
        """As `decide` does; each policy that is evaluated may take the work of one decision."""
        chosen = self.policies if request.unreadable else self._concerned(request.bags)
        work = limits.WORK * max(1, len(chosen))
        return decide_with(_Chosen(self._algorithm, chosen), request, now, work)

    def _keep(self, position: int, keys: Iterable[TargetKey]) -> None:
        if not keys:
            self._always.append(position)
        for key in keys:
            self._index.setdefault(key.key, {}).setdefault(key.value, []).append(position)

    def _concerned(self, bags: Mapping[Key, tuple[object, ...]]) -> Sequence[Policy]:
        found = set(self._always)
        for key, by_value in self._index.items():
            for value in bags.get(key, ()):
                found.update(by_value.get(value, ()))  # type: ignore[call-overload]  # text
        if len(found) == len(self.policies):
            return self.policies
        return [self.policies[position] for position in sorted(found)]


def _rarest(policy: Policy, common: Mapping[TargetKey, int]) -> Iterable[TargetKey]:
    """The alternatives that the fewest other policies have."""
    return min(
        policy.target_keys,
        key=lambda any_of: sum(common[key] for key in any_of),
        default=_ALL,
    )
