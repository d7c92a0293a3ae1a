from __future__ import annotations

import re
from pathlib import Path

import pytest

from provisioning.configuration import apply, loading

PAGE = Path(__file__).parents[3] / "docs/reference/configuration.md"


@pytest.mark.usefixtures("tenant")
def test_the_example_of_the_reference_can_be_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPS_PASSWORD", "KIM_PASSWORD", "PARTNER_PASSWORD", "HR_SECRET"):
        monkeypatch.setenv(name, "secret-1")
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)

    for expected in ({"created", "changed"}, set()):
        report = apply(loading.fill(loading.parse(example), PAGE.parent), actor="test")

        assert {str(line.result) for line in report.lines} - {"unchanged"} == expected
