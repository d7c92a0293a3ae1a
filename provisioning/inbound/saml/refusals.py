from __future__ import annotations


class SamlRefused(Exception):
    """What came is not believed; a sentence for the operator that quotes no secret."""
