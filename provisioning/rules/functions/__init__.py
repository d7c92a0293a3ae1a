"""The functions of XACML 3.0 by their identifiers, with the deprecated ones (10.2.8, A.4)."""

from __future__ import annotations

from typing import Final

from provisioning.rules.functions import (
    arithmetic,
    bags,
    comparison,
    higher_order,
    logic,
    patterns,
    texts,
    xpaths,
)
from provisioning.rules.functions.higher_order import HigherOrder
from provisioning.rules.functions.signature import Function

ALL: Final[dict[str, Function | HigherOrder]] = {
    function.id: function
    for family in (
        comparison.FUNCTIONS,
        arithmetic.FUNCTIONS,
        logic.FUNCTIONS,
        texts.FUNCTIONS,
        bags.FUNCTIONS,
        patterns.FUNCTIONS,
        higher_order.FUNCTIONS,
        xpaths.FUNCTIONS,
    )
    for function in family
}

__all__ = ["ALL", "Function", "HigherOrder"]
