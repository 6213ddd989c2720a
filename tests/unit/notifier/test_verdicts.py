"""Only a server's answer about this very mail is final."""

import aiosmtplib
import pytest

from pacewatch.notifier.deliveries.sender import LONGEST_BACK_OFF_S, back_off_s
from pacewatch.notifier.mail.smtp import Later, Refused, verdict


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (aiosmtplib.SMTPDataError(550, "no"), Refused),
        (aiosmtplib.SMTPDataError(451, "later"), Later),
        (aiosmtplib.SMTPSenderRefused(553, "no", "x@example.org"), Refused),
        (aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(550, "no", "x@example.org")]), Refused),
        (aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(450, "busy", "x@example.org")]), Later),
        (aiosmtplib.SMTPAuthenticationError(535, "wrong password"), Later),
        (aiosmtplib.SMTPConnectResponseError(554, "go away"), Later),
        (aiosmtplib.SMTPServerDisconnected("gone"), Later),
        (ConnectionRefusedError(), Later),
        (TimeoutError(), Later),
    ],
)
def test_what_a_failure_means(error: Exception, kind: type[Exception]) -> None:
    assert type(verdict(error)) is kind


def test_what_a_server_says_is_kept_as_printable_text() -> None:
    assert str(verdict(aiosmtplib.SMTPDataError(550, "n\x00o\r\n\udcff"))) == "550 no \\udcff"


def test_the_pause_doubles_up_to_a_minute_and_never_ends_the_trying() -> None:
    assert 0.5 <= back_off_s(1) <= 1
    assert 4 <= back_off_s(4) <= 8
    assert LONGEST_BACK_OFF_S / 2 <= back_off_s(10_000) <= LONGEST_BACK_OFF_S
