"""What a page tells that the class knows: `python -m connectors.testing.pages KEY`."""

from __future__ import annotations

import sys

from connectors import registry
from connectors.answers import table

if __name__ == "__main__":
    for key in sys.argv[1:]:
        sys.stdout.write(f"{table(registry.load(key).known_answers)}\n")
