"""The console pages of what the identity floor holds."""

from idp.admin import claims, operators, stores

__all__ = ["claims", "operators", "stores"]
