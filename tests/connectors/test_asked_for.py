from __future__ import annotations

import pytest

from connectors import ConnectorIsWrong, Found
from connectors.asked_for import exactly

KIM = Found("005A00000012345AAB", "kim@acme.example")


@pytest.mark.parametrize("asked", [KIM.remote_id, KIM.remote_id.lower()])
def test_what_was_asked_for_is_believed(asked: str) -> None:
    assert exactly(asked, KIM) is KIM
    assert exactly(asked, None) is None


def test_an_object_may_have_other_keys() -> None:
    assert exactly("005A00000012345", KIM, KIM.remote_id[:15]) is KIM


def test_another_object_is_not_believed() -> None:
    with pytest.raises(
        ConnectorIsWrong, match="asked for 7 and answered with 005A00000012345AAB"
    ):
        exactly("7", KIM)
