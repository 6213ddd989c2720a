"""Sends one mail to one recipient over SMTP, and decides whether a failure is temporary or final."""

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage

import aiosmtplib
from pydantic import SecretStr

from pacewatch.notifier.settings import NotifierSettings

IMPLICIT_TLS_PORT = 465


class Later(Exception):
    """A temporary failure: the same mail may be accepted later."""


class Refused(Exception):
    """A final failure: the server refused this mail (5xx)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server. `timeout_s` bounds the whole attempt, because a tarpit answers every single read in time."""

    host: str
    port: int
    username: str
    password: SecretStr
    starttls: bool
    timeout_s: float

    @classmethod
    def from_settings(cls, settings: NotifierSettings) -> "MailServer":
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=settings.smtp_password,
            starttls=settings.smtp_starttls,
            timeout_s=settings.smtp_timeout_s,
        )

    async def send(self, mail: EmailMessage, *, sender: str, recipient: str) -> None:
        """Return once the server has accepted the mail; Later or Refused otherwise.

        The envelope's recipient is an argument and is not read from the headers, so nothing in To can add a recipient.
        """
        try:
            async with asyncio.timeout(self.timeout_s):
                refused, _ = await aiosmtplib.send(
                    mail,
                    sender=sender,
                    recipients=[recipient],
                    hostname=self.host,
                    port=self.port,
                    username=self.username or None,
                    password=self.password.get_secret_value() or None,
                    use_tls=self.port == IMPLICIT_TLS_PORT,
                    start_tls=self.starttls,
                    timeout=self.timeout_s,
                )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise classify_error(error) from error
        # aiosmtplib returns refused recipients instead of raising when others were accepted.
        for code, text in refused.values():
            raise _classify_code(code, f"{code} {text}")


def classify_error(error: Exception) -> Later | Refused:
    """Only a reply about this mail's sender, recipient or content can be final.

    A refused login or greeting is a fault of our settings or of the server, even with a 5xx code. Once a person has
    corrected it, the mail goes out.
    """
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            first = error.recipients[0]
            return _classify_code(first.code, f"{first.code} {first.message}")
        case aiosmtplib.SMTPSenderRefused() | aiosmtplib.SMTPDataError() | aiosmtplib.SMTPRecipientRefused():
            return _classify_code(error.code, f"{error.code} {error.message}")
        case _:
            return Later(_printable_ascii(f"{type(error).__name__}: {error}"))


def _classify_code(code: int, reason: str) -> Later | Refused:
    return Refused(_printable_ascii(reason)) if 500 <= code < 600 else Later(_printable_ascii(reason))


def _printable_ascii(text: str) -> str:
    """A server may reply with any bytes; we store and publish printable ASCII."""
    return " ".join(text.encode("ascii", "backslashreplace").decode().replace("\x00", "").split())
