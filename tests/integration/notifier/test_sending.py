"""Never zero mails, at most one Message-ID: whatever the mail server, the bus and other senders do."""

import email
import email.policy
from pathlib import Path

import pytest
from servers.mail import MailServer, ReceivedMail
from support.alerts import raised
from support.inside import inside, settings_for
from support.waiting import until

pytestmark = pytest.mark.servers


def parsed(mail: ReceivedMail) -> email.message.EmailMessage:
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


async def test_an_alert_becomes_one_mail(database_url: str, smtp_server: MailServer, tmp_path: Path) -> None:
    variables = {"PACEWATCH_SMTP_PORT": str(smtp_server.port)}
    async with inside(settings_for(database_url, tmp_path), ["notifier"], variables) as process:
        await process.tell(raised())

        async def got() -> bool:
            return bool(smtp_server.messages)

        await until(got, 5)
        message = parsed(smtp_server.messages[0])
        assert message["Subject"] == "[Pacewatch] patient 17: failure risk 62 % (threshold 21 %)"
