from __future__ import annotations

from collections.abc import Iterator

import pytest

from provisioning.inbound import verified
from provisioning.inbound.scim2 import positions


@pytest.fixture(autouse=True)
def _nobody_called_yet() -> Iterator[None]:
    verified.credentials.forget()
    positions.told.forget()
    yield
    verified.credentials.forget()
