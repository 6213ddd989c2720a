"""The mails on disk, one .eml file each, so that they are still there in the next run of the demo."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pacewatch.kit.files import write_whole
from pacewatch.launcher.mailcatcher import content

# The first line of a file holds the SMTP envelope. To any mail program it is one more header.
ENVELOPE = b"X-Inbox-Envelope: "


@dataclass(frozen=True, slots=True)
class StoredMail:
    """What the list shows of one mail. `sender` and `recipients` are those of the envelope, in angle brackets."""

    id: int
    sender: str
    recipients: tuple[str, ...]
    subject: str
    size: int
    type: str
    created_at: str
    path: Path


class Mailbox:
    """The newest `limit` mails of a folder, oldest first."""

    def __init__(self, folder: Path, limit: int = 500) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._limit = limit
        self._mails = {mail.id: mail for mail in map(_read, sorted(folder.glob("[0-9]*.eml")))}
        self._last_id = max(self._mails, default=0)

    def mails(self) -> list[StoredMail]:
        return list(self._mails.values())

    def get(self, mail_id: int) -> StoredMail | None:
        return self._mails.get(mail_id)

    def source(self, mail: StoredMail) -> bytes:
        """The message as it was received."""
        return _split(mail.path)[1]

    def add(self, sender: str, recipients: Sequence[str], message: bytes) -> StoredMail:
        """Write a mail to disk before the caller confirms it to the sender. Beyond the limit, delete the oldest."""
        self._last_id += 1
        path = self._folder / f"{self._last_id:08d}.eml"
        envelope = {"sender": sender, "recipients": list(recipients), "created_at": datetime.now(UTC).isoformat()}
        write_whole(path, ENVELOPE + json.dumps(envelope).encode() + b"\r\n" + message, mode=0o644, durable=False)
        mail = self._mails[self._last_id] = _read(path)
        for oldest in list(self._mails)[: -self._limit]:
            self.delete(oldest)
        return mail

    def delete(self, mail_id: int) -> bool:
        """Delete a mail. Returns whether it existed."""
        mail = self._mails.pop(mail_id, None)
        if mail is not None:
            mail.path.unlink(missing_ok=True)
        return mail is not None

    def clear(self) -> None:
        for mail_id in list(self._mails):
            self.delete(mail_id)


def _split(path: Path) -> tuple[bytes, bytes]:
    """(envelope, message). An .eml of another program has no envelope line: all of it is the message."""
    whole = path.read_bytes()
    first, _, rest = whole.partition(b"\r\n")
    return (first.removeprefix(ENVELOPE), rest) if first.startswith(ENVELOPE) else (b"{}", whole)


def _read(path: Path) -> StoredMail:
    head, source = _split(path)
    envelope, message = json.loads(head), content.parse(source)
    return StoredMail(
        id=int(path.stem),
        sender=f"<{envelope.get('sender', '')}>",
        recipients=tuple(f"<{recipient}>" for recipient in envelope.get("recipients", [])),
        subject=content.header(message, "subject"),
        size=len(source),
        type=message.get_content_type(),
        created_at=envelope.get("created_at") or datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(),
        path=path,
    )
