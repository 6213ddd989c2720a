"""Received mails, as a mail reader parses them."""

import email
import email.policy
from collections import Counter
from email.message import EmailMessage

from servers.mail import MailServer, ReceivedMail

from support.waiting import until


def parse_mail(mail: ReceivedMail) -> EmailMessage:
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def count_by_message_id(server: MailServer) -> Counter[str]:
    """How often each Message-ID was received."""
    return Counter(str(parse_mail(mail)["Message-ID"]) for mail in server.messages)


async def wait_for_mails(server: MailServer, count: int) -> None:
    """Return when the server has received `count` mails."""

    async def enough() -> bool:
        return len(server.messages) >= count

    await until(enough, every_s=0.01)
