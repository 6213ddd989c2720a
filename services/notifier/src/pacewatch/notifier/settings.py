"""The notifier's settings: mail server, recipients, and the dashboard's address."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from pacewatch.kit.settings import environment
from pacewatch.notifier import addresses
from pacewatch.notifier.addresses import Mailbox


def _mailboxes(text: str) -> str:
    addresses.parse(text)
    return text


def _mailbox(text: str) -> str:
    if len(addresses.parse(text)) != 1:
        raise ValueError("must be exactly one mail address")
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a URL such as https://pacewatch.example.org")
    return text.rstrip("/")


class NotifierSettings(BaseSettings):
    """The mail server, who gets the mails, and where the dashboard is."""

    model_config = environment()

    smtp_host: str = Field("127.0.0.1", description="mail server")
    smtp_port: Annotated[int, Field(ge=1, le=65_535)] = Field(
        1025, description="its port; 465 speaks TLS from the start"
    )
    smtp_username: str = Field("", description="account at the mail server; empty: no login")
    smtp_password: SecretStr = Field(SecretStr(""), description="its password")
    smtp_starttls: bool = Field(False, description="require STARTTLS")
    smtp_timeout_s: Annotated[float, Field(gt=0, le=300)] = Field(20.0, description="longest time to send one mail, s")
    alert_recipients: Annotated[str, AfterValidator(_mailboxes)] = Field(
        "alerts@pacewatch.example", description="who gets mails about alerts; comma separated"
    )
    alert_sender: Annotated[str, AfterValidator(_mailbox)] = Field(
        "Pacewatch <no-reply@pacewatch.example>", description="From address of alert mails"
    )
    public_url: Annotated[str, AfterValidator(_url)] = Field(
        "http://localhost:8080", description="address of the dashboard, for links in mails"
    )

    @property
    def recipients(self) -> tuple[Mailbox, ...]:
        return addresses.parse(self.alert_recipients)

    @property
    def sender(self) -> Mailbox:
        return addresses.parse(self.alert_sender)[0]
