"""Composes the mail about an alert: which device, its risk, why, and a link. The device's words are its profile's."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from pacewatch.contracts.accounts import fold_email
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.risk import DecidedBy
from pacewatch.kit import clock
from pacewatch.notifier.addresses import Mailbox
from pacewatch.notifier.mail.formatting import (
    capitalise,
    format_factor,
    format_limit,
    format_percents,
    format_signal,
    format_time,
    format_times_usual,
    risk_bar,
)

MAX_FACTORS = 3


@dataclass(frozen=True, slots=True)
class AlertMail:
    """What a mail is composed of: the alert's columns, the recipient, and what identifies the mail."""

    alert_id: UUID
    mailbox: Mailbox
    message_id: str
    created_at: datetime
    alert: dict[str, Any]


def message_id(alert_id: UUID, recipient: str) -> str:
    """Always the same for one alert and one recipient, so that a receiver recognises a repeated mail."""
    digest = hashlib.sha256(fold_email(recipient).encode()).hexdigest()[:16]
    return f"<{alert_id}.{digest}@pacewatch>"


class Composer:
    """Composes the mails of one fleet. The same AlertMail always gives the same mail, in any process."""

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

    def compose(self, mail: AlertMail) -> EmailMessage:
        """The message to send. Its Message-ID and Date are the delivery's, so every attempt sends the same message."""
        values = self._template_values(mail)
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender.header
        message["To"] = mail.mailbox.header
        message["Subject"] = values["subject"]
        message["Date"] = format_datetime(mail.created_at.astimezone(UTC))
        message["Message-ID"] = mail.message_id
        message["Auto-Submitted"] = "auto-generated"
        message["X-Pacewatch-Alert"] = str(mail.alert_id)
        message.set_content(self._text.render(values), cte="quoted-printable")
        message.add_alternative(self._html.render(values), subtype="html", cte="quoted-printable")
        return message

    def _template_values(self, mail: AlertMail) -> dict[str, Any]:
        """Everything that the templates show, formatted."""
        alert = mail.alert
        device = f"{self._profile.device_noun} {alert['device']}"
        risk, threshold = format_percents(alert["risk"], alert["threshold"])
        limit = alert["decided_by"] == DecidedBy.LIMIT
        at_limit = format_limit(self._profile, alert["signals"])
        signals = [signal for signal in self._profile.signals if signal.name in alert["signals"]]
        return {
            "subject": f"[Pacewatch] {device}: "
            + (at_limit if limit else f"failure risk {risk} (threshold {threshold})"),
            "headline": capitalise(at_limit) if limit else "Failure risk above threshold",
            "limit": limit,
            "device": capitalise(device),
            "risk": risk,
            "threshold": threshold,
            "times_usual": format_times_usual(alert["relative_risk"]),
            "bar": risk_bar(alert["risk"], alert["threshold"]),
            "horizon_days": self._profile.label.horizon_days,
            "factors": [format_factor(self._profile, factor) for factor in alert["factors"][:MAX_FACTORS]],
            "signals": [format_signal(signal, alert["signals"][signal.name]) for signal in signals],
            "reading_at": format_time(datetime.fromtimestamp(alert["timestamp_s"], UTC)),
            "raised_at": format_time(alert["raised_at"]),
            "fast_clock": clock.speed() != 1,
            "model_version": alert["model_version"],
            "link": f"{self._public_url}/?alert={mail.alert_id}",
            "alert_id": str(mail.alert_id),
            "message_id": mail.message_id,
        }
