"""The pauses between attempts to send a mail."""

from pacewatch.notifier.deliveries.service import LONGEST_BACK_OFF_S, back_off_s


def test_pause_doubles_up_to_a_minute_after_any_number_of_attempts() -> None:
    assert 0.5 <= back_off_s(1) <= 1
    assert 4 <= back_off_s(4) <= 8
    assert LONGEST_BACK_OFF_S / 2 <= back_off_s(10_000) <= LONGEST_BACK_OFF_S
