from __future__ import annotations

import pytest

from config.rates import checked


@pytest.mark.parametrize("rate", ["", "1/s", "600/min", "10000/hour", "5/d"])
def test_rates_are_taken_as_operators_write_them(rate: str) -> None:
    assert checked(rate) == rate


@pytest.mark.parametrize("rate", ["600", "0/min", "-1/s", "1/week", "many/min", "1/ s"])
def test_what_is_no_rate_ends_the_process_with_a_sentence(
    rate: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        checked(rate)

    assert ended.value.code == 2
    assert (
        capsys.readouterr().err == "PURVEYOR_API_RATE: it is like 600/min (s, min, h or d).\n"
    )
