"""What arrived, as a mail reader sees it."""

import email
import email.policy
from collections import Counter
from email.message import EmailMessage

from servers.mail import MailServer, ReceivedMail

from support.waiting import until


def parsed(mail: ReceivedMail) -> EmailMessage:
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def by_message_id(server: MailServer) -> Counter[str]:
    """How often each Message-ID arrived."""
    return Counter(str(parsed(mail)["Message-ID"]) for mail in server.messages)


async def arrived(server: MailServer, count: int) -> None:
    """Return when `count` mails have arrived."""

    async def enough() -> bool:
        return len(server.messages) >= count

    await until(enough, every_s=0.01)
