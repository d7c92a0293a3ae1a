from __future__ import annotations


class ConfigurationError(Exception):
    """The file cannot be applied; nothing was. `problems` are sentences that name the path."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
