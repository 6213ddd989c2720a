"""Numbers, times and signals as a mail shows them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pacewatch.contracts.profile import Profile, Signal

FEW_TIMES = 10
"""From so many times the usual no decimal is shown."""


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


def format_times_usual(relative_risk: float | None) -> str:
    """E.g. `12 times the usual`, the usual being the fleet's base rate; empty if that is unknown."""
    if relative_risk is None:
        return ""
    return f"{relative_risk:,.{0 if relative_risk >= FEW_TIMES else 1}f} times the usual"


def format_factor(profile: Profile, factor: dict[str, Any]) -> dict[str, str]:
    """The factor's text, and what it does: raises or lowers the risk, or decides the level as a hard limit."""
    name, value = factor["name"], factor["value"]
    if any(limit.signal == name and value is not None and limit.is_reached(value) for limit in profile.limits):
        effect = "decides, as a hard limit"
    else:
        effect = "raises the risk" if factor["contribution"] >= 0 else "lowers the risk"
    return {"text": capitalise(factor["text"]), "effect": effect}


def format_limit(profile: Profile, signals: Mapping[str, float]) -> str:
    """Which signal is at a hard limit, e.g. `battery voltage is at a hard limit`: one reading or several in a row."""
    reached = [one.signal for one in profile.limits if one.signal in signals and one.is_reached(signals[one.signal])]
    return f"{profile.signal(reached[0]).label if reached else 'a signal'} is at a hard limit"


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
