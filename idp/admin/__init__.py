"""The console pages of what the identity floor holds."""

from idp.admin import operators, providers, stores

__all__ = ["operators", "providers", "stores"]
