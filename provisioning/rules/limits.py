"""What one policy or request may cost. All of it is far beyond what people write."""

from __future__ import annotations

from typing import Final

DOCUMENT: Final = 1_000_000
"""Bytes of a policy or request."""

DEPTH: Final = 100
"""Elements within elements of a document."""

EXPRESSION_DEPTH: Final = 100
"""Expressions within expressions, through variables."""

POLICY_DEPTH: Final = 32
"""Policy sets within policy sets, through references."""

WORK: Final = 25_000
"""Steps of a decision, of a microsecond or two: an expression, a call within a higher-order
function, a kilobyte that is looked through.
"""

DIGITS: Final = 1_000
"""Decimal digits of an integer."""

BITS: Final = 4_000
"""Bits of an integer that is computed."""

TEXT: Final = 100_000
"""Characters of a value."""

PATTERN: Final = 1_000
"""Characters of a regular expression."""

XPATH: Final = 2_000
"""Characters of an XPath expression."""

XPATH_STEPS: Final = 300_000
"""Nodes that an XPath expression may visit, at worst."""

DECISIONS: Final = 1_000
"""Individual decisions of one request."""
