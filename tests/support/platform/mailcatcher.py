"""Mails for tests of the mailcatcher, and how to send them."""

from email.message import EmailMessage

import aiosmtplib

from pacewatch.launcher.mailcatcher.server import Mailcatcher

PIXEL = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
SCRIPT = "<script>alert(1)</script>"


def plain_mail(subject: str = "High risk") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "pacewatch@example.org", "ada@example.org", subject
    mail.set_content("Look at device 7.\n")
    return mail


def rich_mail() -> EmailMessage:
    """A mail with an HTML body that holds a script, an embedded image, and an attachment."""
    mail = plain_mail("Überhöhtes Risiko")
    mail.add_alternative(f"<html><head></head><body>{SCRIPT}<img src='cid:dot@x'></body></html>", subtype="html")
    html = mail.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(PIXEL, "image", "gif", cid="<dot@x>")
    mail.add_attachment(b"a,b\n", maintype="text", subtype="csv", filename="rök & rows.csv")
    return mail


async def send(mailcatcher: Mailcatcher, mail: EmailMessage | bytes) -> None:
    """Send one mail to two recipients by SMTP."""
    await aiosmtplib.send(
        mail,
        hostname="127.0.0.1",
        port=mailcatcher.smtp_port,
        sender="bounces@example.org",
        recipients=["ada@example.org", "bob@example.org"],
    )
