"""The JSON that mailcatcher's REST interface returns."""

from pydantic import BaseModel, ConfigDict


class Summary(BaseModel):
    """A mail in the list. As in mailcatcher, the size is text."""

    model_config = ConfigDict(frozen=True)

    id: int
    sender: str
    recipients: list[str]
    subject: str
    size: str
    type: str
    created_at: str


class Attachment(BaseModel):
    """A part that can be fetched alone."""

    model_config = ConfigDict(frozen=True)

    cid: str
    type: str
    filename: str | None
    size: int
    href: str


class Details(Summary):
    """A mail with its formats and attachments."""

    formats: list[str]
    attachments: list[Attachment]
