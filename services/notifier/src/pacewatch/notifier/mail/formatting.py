"""Numbers, times and signals as a mail shows them."""

from datetime import UTC, datetime
from typing import Any

from pacewatch.contracts.profile import Signal


def format_percents(risk: float, threshold: float) -> tuple[str, str]:
    """Both in percent, with enough digits to differ and not to be 0; a value below 1 is never rounded up to 100 %."""
    for digits in (0, 1, 2):
        texts = tuple(f"{_percent(value, digits):.{digits}f} %" for value in (risk, threshold))
        if texts[0] != texts[1] and min(risk, threshold) >= 0.1 / 10**digits:
            break
    return texts[0], texts[1]


def _percent(value: float, digits: int) -> float:
    return 100.0 if value == 1 else min(100 * value, 100 - 10.0**-digits)


def format_time(moment: datetime) -> str:
    """In UTC: `21 Nov 2026, 06:30 UTC`."""
    return moment.astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC")


def risk_bar(risk: float, threshold: float) -> dict[str, int]:
    """The filled parts of the bar, below and above the threshold's mark, in percent of its width."""
    below = round(100 * min(threshold, risk))
    return {"below": below, "above": round(100 * risk) - below}


def format_factor(factor: dict[str, Any]) -> dict[str, str]:
    """The factor's text, and whether it raises or lowers the risk."""
    raises = factor["contribution"] >= 0
    return {"text": capitalise(factor["text"]), "effect": "raises the risk" if raises else "lowers the risk"}


def format_signal(signal: Signal, value: float) -> dict[str, Any]:
    """The signal's label, value, unit and normal range, and whether the value is outside that range."""
    return {
        "label": capitalise(signal.label),
        "value": f"{value:,.{signal.decimals}f}",
        "unit": signal.unit,
        "normal": f"{signal.normal.low:,g}–{signal.normal.high:,g}",
        "outside": "" if value in signal.normal else "above normal" if value > signal.normal.high else "below normal",
    }


def capitalise(text: str) -> str:
    """The text with a capital first letter; the rest keeps its spelling."""
    return text[:1].upper() + text[1:]
