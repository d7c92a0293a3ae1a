from __future__ import annotations

from collections.abc import Iterator

import pytest

from provisioning.inbound import verified


@pytest.fixture(autouse=True)
def _nothing_verified_yet() -> Iterator[None]:
    verified.credentials.forget()
    yield
    verified.credentials.forget()
