"""AttributeDesignator: the bag of an attribute of the request, or of the clock (7.3.5)."""

from __future__ import annotations

from typing import Any

from provisioning.rules import names
from provisioning.rules.errors import Indeterminate, MissingAttribute
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions.signature import Closure


def designator(
    category: str,
    attribute_id: str,
    data_type: str,
    issuer: str | None,
    *,
    must_be_present: bool,
) -> Closure:
    plain = (category, attribute_id, data_type)
    key = plain if issuer is None else (*plain, issuer)
    missing = MissingAttribute(category, attribute_id, data_type, issuer)

    def absent(e: Evaluation) -> tuple[Any, ...]:
        why = e.request.unreadable.get(key)
        if why is not None:
            raise Indeterminate.unreadable(why)
        if must_be_present:
            raise Indeterminate.absent(f"the request lacks {attribute_id}", missing)
        return ()

    def run(e: Evaluation) -> tuple[Any, ...]:
        bag = e.bags.get(key)
        return bag if bag is not None else absent(e)

    def of_clock(e: Evaluation) -> tuple[Any, ...]:
        e.used_clock = True
        bag = e.bags.get(key)
        if bag is not None:
            return bag
        supplied = issuer is None and names.CURRENT[attribute_id] == data_type
        if supplied and key not in e.request.unreadable:
            return (e.clock[data_type],)
        return absent(e)

    clock = category == names.ENVIRONMENT and attribute_id in names.CURRENT
    return of_clock if clock else run
