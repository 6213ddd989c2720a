"""Sends one mail to one recipient over SMTP, and decides whether a failure is temporary or final."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

import aiosmtplib
from pydantic import SecretStr

from pacewatch.notifier.settings import NotifierSettings

IMPLICIT_TLS_PORT: Final = 465
# The reply to DATA decides. A server that then does not part gets no second copy of the mail, only so much patience.
QUIT_TIMEOUT_S: Final = 2.0
# STARTTLS or a login is needed, or this one is not accepted: RFC 3207 and 4954.
_SET_UP_CODES: Final = frozenset({530, 534, 535, 538})


class Later(Exception):
    """A temporary failure: the same mail may be accepted later."""


class SetUpRefused(Later):
    """The server refused our set-up and not this mail: no other mail will fare better until a person mends it."""


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
        client = self._client()
        try:
            async with asyncio.timeout(self.timeout_s):
                await client.connect()
                # Refused recipients are returned instead of raised when others were accepted.
                refused, _ = await client.send_message(mail, sender=sender, recipients=[recipient])
            await _part(client)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise classify_error(error) from error
        finally:
            client.close()
        for code, text in refused.values():
            raise _classify_code(code, f"{code} {text}")

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username or None,
            password=self.password.get_secret_value() or None,
            use_tls=self.port == IMPLICIT_TLS_PORT,
            start_tls=self.starttls,
            timeout=self.timeout_s,
        )


async def _part(client: aiosmtplib.SMTP) -> None:
    """QUIT. The mail is sent, even if this fails."""
    with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(QUIT_TIMEOUT_S):
            await client.quit()


def classify_error(error: Exception) -> Later | Refused:
    """Only a reply about this mail's sender, recipient or content can be final.

    A refused login or greeting is a fault of our settings or of the server, even with a 5xx code; so is a reply that
    asks for STARTTLS or a login, to any command. Once a person has corrected it, the mail goes out.
    """
    match error:
        case aiosmtplib.SMTPAuthenticationError() | aiosmtplib.SMTPNotSupported():
            return SetUpRefused(_printable_ascii(f"{type(error).__name__}: {error}"))
        case aiosmtplib.SMTPRecipientsRefused():
            first = error.recipients[0]
            return _classify_code(first.code, f"{first.code} {first.message}")
        case aiosmtplib.SMTPSenderRefused() | aiosmtplib.SMTPDataError() | aiosmtplib.SMTPRecipientRefused():
            return _classify_code(error.code, f"{error.code} {error.message}")
        case aiosmtplib.SMTPResponseException() if error.code in _SET_UP_CODES:
            return SetUpRefused(_printable_ascii(f"{error.code} {error.message}"))
        case _:
            return Later(_printable_ascii(f"{type(error).__name__}: {error}"))


def _classify_code(code: int, reason: str) -> Later | Refused:
    kind = SetUpRefused if code in _SET_UP_CODES else Refused if 500 <= code < 600 else Later
    return kind(_printable_ascii(reason))


def _printable_ascii(text: str) -> str:
    """A server may reply with any bytes; we store and publish printable ASCII."""
    return " ".join(text.encode("ascii", "backslashreplace").decode().replace("\x00", "").split())
