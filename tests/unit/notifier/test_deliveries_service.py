"""The pauses between attempts to send a mail."""

import pytest
from pydantic import ValidationError

from pacewatch.notifier.deliveries.claims import LEASE_MARGIN_S, LONGEST_LEASE_S
from pacewatch.notifier.deliveries.service import LONGEST_BACK_OFF_S, back_off_s
from pacewatch.notifier.settings import NotifierSettings


def test_pause_doubles_up_to_a_minute_after_any_number_of_attempts() -> None:
    assert 0.5 <= back_off_s(1) <= 1
    assert 4 <= back_off_s(4) <= 8
    assert LONGEST_BACK_OFF_S / 2 <= back_off_s(10_000) <= LONGEST_BACK_OFF_S


def test_no_setting_makes_a_lease_longer_than_the_longest_wait() -> None:
    """A delivery that waits much longer counts as stored before the clock was set back."""
    longest_timeout_s = LONGEST_LEASE_S - LEASE_MARGIN_S
    assert NotifierSettings(smtp_timeout_s=longest_timeout_s).smtp_timeout_s == longest_timeout_s
    with pytest.raises(ValidationError):
        NotifierSettings(smtp_timeout_s=longest_timeout_s + 1)
    assert LONGEST_BACK_OFF_S <= LONGEST_LEASE_S
