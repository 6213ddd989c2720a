"""Only a server's reply about this mail is final."""

import aiosmtplib
import pytest

from pacewatch.notifier.mail.smtp import Later, Refused, SetUpRefused, classify_error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (aiosmtplib.SMTPDataError(550, "no"), Refused),
        (aiosmtplib.SMTPDataError(451, "later"), Later),
        (aiosmtplib.SMTPSenderRefused(553, "no", "x@example.org"), Refused),
        (aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(550, "no", "x@example.org")]), Refused),
        (aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(450, "busy", "x@example.org")]), Later),
        (aiosmtplib.SMTPAuthenticationError(535, "wrong password"), SetUpRefused),
        (aiosmtplib.SMTPSenderRefused(530, "issue STARTTLS first", "x@example.org"), SetUpRefused),
        (aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(530, "log in", "x@y.org")]), SetUpRefused),
        (aiosmtplib.SMTPNotSupported("no STARTTLS"), SetUpRefused),
        (aiosmtplib.SMTPConnectResponseError(554, "go away"), Later),
        (aiosmtplib.SMTPServerDisconnected("gone"), Later),
        (ConnectionRefusedError(), Later),
        (TimeoutError(), Later),
    ],
)
def test_error_is_temporary_or_final(error: Exception, kind: type[Exception]) -> None:
    assert type(classify_error(error)) is kind


def test_servers_reply_is_kept_as_printable_ascii() -> None:
    assert str(classify_error(aiosmtplib.SMTPDataError(550, "n\x00o\r\n\udcff"))) == "550 no \\udcff"
