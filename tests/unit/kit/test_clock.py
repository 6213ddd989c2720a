"""Fleet time follows the wall clock at the speed that is set."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacewatch.kit import clock

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture(autouse=True)
def _wall_clock() -> Iterator[None]:
    yield
    clock.set_pace(None)


def test_without_a_pace_fleet_time_is_the_wall_clock() -> None:
    assert abs(clock.now_s() - time.time()) < 0.1
    assert clock.now().tzinfo is not None


def test_at_speed_86_400_a_day_passes_in_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000.0)
    clock.start_at(5_000_000.0, 86_400)
    monkeypatch.setattr(time, "time", lambda: 1_001.0)
    assert clock.now_s() == 5_000_000.0 + 86_400


def test_at_speed_zero_time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    clock.start_at(42.0, 0)
    monkeypatch.setattr(time, "time", lambda: 9e9)
    assert clock.now_s() == 42.0


@given(st.builds(clock.Pace, finite, finite, finite.map(abs)))
def test_a_pace_written_as_a_setting_is_read_back_exactly(pace: clock.Pace) -> None:
    clock.apply_setting(str(pace))
    clock.apply_setting("")
    assert clock.pace() == pace


@pytest.mark.parametrize("text", ["", "1,2", "1,2,3,4", "a,b,c", "nan,0,1", "0,inf,1", "0,0,-1"])
def test_an_invalid_pace_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        clock.Pace.parse(text)
