"""What is inside a message. Mails can be malformed in every way: show as much of one as possible."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart

CID_LINK = re.compile(r"cid:([^'\"> )]+)")
HEAD = re.compile(r"(<head[^>]*>)", re.IGNORECASE)
NEW_WINDOW = '<base target="_blank">'


def parse(source: bytes) -> EmailMessage:
    return message_from_bytes(source, policy=policy.default)


def header(message: EmailMessage, name: str) -> str:
    """The decoded header. Empty if there is none, raw if it cannot be decoded."""
    try:
        return str(message.get(name, ""))
    except Exception:  # the parser of structured headers can raise any exception on a malformed one
        return next((value for key, value in message.raw_items() if key.lower() == name), "")


def text(message: EmailMessage, subtype: str) -> str | None:
    """The body as `html` or `plain`. None if the message has no such body."""
    part = message.get_body(preferencelist=(subtype,))
    if part is None:
        return None
    body = payload(part)
    try:
        return body.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # Python has no such character set
        return body.decode("latin-1")


def payload(part: MIMEPart) -> bytes:
    """The decoded bytes of one part. A container of parts has none."""
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def html_for_frame(html: str, parts_path: str) -> str:
    """HTML to show in a frame: embedded images load from `parts_path`, links open in a new window."""
    html = CID_LINK.sub(lambda match: parts_path + match[1], html)
    with_base, found = HEAD.subn(rf"\1{NEW_WINDOW}", html, count=1)
    return with_base if found else NEW_WINDOW + html


def attachments(message: EmailMessage) -> Iterator[tuple[str, EmailMessage]]:
    """Every attachment and embedded part with the id to fetch it by: its Content-ID, or its number."""
    for number, part in enumerate(message.walk()):
        content_id = header(part, "content-id").strip("<> ")
        if not part.is_multipart() and (part.is_attachment() or content_id):
            yield content_id or f"part-{number}", part
