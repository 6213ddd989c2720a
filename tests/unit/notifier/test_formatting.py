"""Numbers as a mail shows them."""

import pytest

from pacewatch.notifier.mail.formatting import format_percents


@pytest.mark.parametrize(
    ("risk", "threshold", "expected"),
    [
        (0.62, 0.21, ("62 %", "21 %")),
        (0.214, 0.209, ("21.4 %", "20.9 %")),
        (0.034, 0.021, ("3.4 %", "2.1 %")),
        (0.9999, 0.5, ("99 %", "50 %")),
        (1.0, 0.5, ("100 %", "50 %")),
        (0.3, 0.3, ("30.00 %", "30.00 %")),
    ],
)
def test_percentages_have_enough_digits_to_differ(risk: float, threshold: float, expected: tuple[str, str]) -> None:
    assert format_percents(risk, threshold) == expected
