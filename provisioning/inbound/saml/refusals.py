from __future__ import annotations


class SamlRefused(Exception):
    """What came is not believed; a sentence for the operator that quotes no secret."""


class NobodySignedIn(SamlRefused):
    """The identity provider itself says that it has signed nobody in."""
