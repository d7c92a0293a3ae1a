"""Configuration as a file: `apply` and `export` speak the same format (YAML or JSON)."""

from provisioning.configuration.apply import apply, apply_file
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.export import export
from provisioning.configuration.report import Report, Result

__all__ = ["ConfigurationError", "Report", "Result", "apply", "apply_file", "export"]
