"""The mail about an alert: what, how sure, why, and where to look. Every word about a device comes from its profile."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from pacewatch.contracts.profile import Profile, Signal
from pacewatch.kit import clock
from pacewatch.notifier.deliveries.repository import Claim
from pacewatch.notifier.mail.addresses import Mailbox

FACTORS_TOLD = 3


class Composer:
    """Writes mails for one fleet. The same claim gives the same mail, whoever writes it and when."""

    def __init__(self, profile: Profile, sender: Mailbox, public_url: str) -> None:
        self.sender = sender
        self._profile = profile
        self._public_url = public_url
        templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._html = templates.get_template("alert.html")
        self._text = templates.get_template("alert.txt")

    def compose(self, claim: Claim) -> EmailMessage:
        """The mail of one delivery; its Message-ID and Date are the delivery's, however often it is sent."""
        words = self.words(claim)
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.sender.header
        mail["To"] = claim.mailbox.header
        mail["Subject"] = words["subject"]
        mail["Date"] = format_datetime(claim.created_at.astimezone(UTC))
        mail["Message-ID"] = claim.message_id
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Pacewatch-Alert"] = str(claim.alert_id)
        mail.set_content(self._text.render(words), cte="quoted-printable")
        mail.add_alternative(self._html.render(words), subtype="html", cte="quoted-printable")
        return mail

    def words(self, claim: Claim) -> dict[str, Any]:
        """Everything the templates say, formatted."""
        alert = claim.alert
        device = f"{self._profile.device_noun} {alert['device_id']}"
        risk, threshold = percents(alert["risk"], alert["threshold"])
        return {
            "subject": f"[Pacewatch] {device}: failure risk {risk} (threshold {threshold})",
            "device": _capital(device),
            "risk": risk,
            "threshold": threshold,
            "bar": _bar(alert["risk"], alert["threshold"]),
            "horizon_days": self._profile.label.horizon_days,
            "factors": [_factor(factor) for factor in alert["factors"][:FACTORS_TOLD]],
            "signals": [
                _signal(s, alert["signals"][s.name]) for s in self._profile.signals if s.name in alert["signals"]
            ],
            "reading_at": told_time(datetime.fromtimestamp(alert["timestamp_s"], UTC)),
            "raised_at": told_time(alert["raised_at"]),
            "fast_clock": clock.speed() != 1,
            "model_version": alert["model_version"],
            "link": f"{self._public_url}/?alert={claim.alert_id}",
            "alert_id": str(claim.alert_id),
            "message_id": claim.message_id,
        }


def percents(risk: float, threshold: float) -> tuple[str, str]:
    """Both in percent, with as many digits as it takes to tell small or near ones apart; never rounded up to 100 %."""
    for digits in (0, 1, 2):
        texts = tuple(f"{_below_one(value, digits):.{digits}f} %" for value in (risk, threshold))
        if texts[0] != texts[1] and min(risk, threshold) >= 0.1 / 10**digits:
            break
    return texts[0], texts[1]


def _below_one(value: float, digits: int) -> float:
    return 100.0 if value == 1 else min(100 * value, 100 - 10.0**-digits)


def told_time(moment: datetime) -> str:
    """As people write it, in UTC: `21 Nov 2026, 06:30 UTC`."""
    return moment.astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC")


def _bar(risk: float, threshold: float) -> dict[str, int]:
    """How much of the bar lies below the threshold's mark, and how much above it, in percent."""
    below = round(100 * min(threshold, risk))
    return {"below": below, "above": round(100 * risk) - below}


def _factor(factor: dict[str, Any]) -> dict[str, str]:
    raises = factor["contribution"] >= 0
    return {"text": _capital(factor["text"]), "effect": "raises the risk" if raises else "lowers the risk"}


def _signal(signal: Signal, value: float) -> dict[str, Any]:
    return {
        "label": _capital(signal.label),
        "value": f"{value:,.{signal.decimals}f}",
        "unit": signal.unit,
        "normal": f"{signal.normal.low:,g}–{signal.normal.high:,g}",
        "outside": "" if value in signal.normal else "above normal" if value > signal.normal.high else "below normal",
    }


def _capital(text: str) -> str:
    """With a first letter that begins a line; the rest is the profile's or the model's own spelling."""
    return text[:1].upper() + text[1:]
