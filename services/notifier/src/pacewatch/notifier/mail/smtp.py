"""One mail to one recipient over SMTP, and what its failure means: try again, or never again."""

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage

import aiosmtplib
from pydantic import SecretStr

from pacewatch.notifier.settings import NotifierSettings

IMPLICIT_TLS_PORT = 465


class Later(Exception):
    """It did not work now and may later."""


class Refused(Exception):
    """The server will not take this mail, ever (5xx)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails go; `timeout_s` bounds a whole delivery, not a single read: a tarpit answers every read in time."""

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
        """Return when the server took responsibility; Later or Refused otherwise.

        The envelope is given, never read from the headers: nothing in To can add a recipient.
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
            raise verdict(error) from error
        # Refused recipients come back as a result when others were taken: never take that for success.
        for code, text in refused.values():
            raise _by_code(code, f"{code} {text}")


def verdict(error: Exception) -> Later | Refused:
    """Only an answer about this very mail can be final.

    A refused login or greeting is about us or the server, whatever its code: somebody mends it, and the mail goes out.
    """
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            first = error.recipients[0]
            return _by_code(first.code, f"{first.code} {first.message}")
        case aiosmtplib.SMTPSenderRefused() | aiosmtplib.SMTPDataError() | aiosmtplib.SMTPRecipientRefused():
            return _by_code(error.code, f"{error.code} {error.message}")
        case _:
            return Later(_plain(f"{type(error).__name__}: {error}"))


def _by_code(code: int, reason: str) -> Later | Refused:
    return Refused(_plain(reason)) if 500 <= code < 600 else Later(_plain(reason))


def _plain(text: str) -> str:
    """A server may say anything; what we store and pass on is printable ASCII."""
    return " ".join(text.encode("ascii", "backslashreplace").decode().replace("\x00", "").split())
