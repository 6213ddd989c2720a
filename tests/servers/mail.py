"""A real SMTP server for the tests, with knobs for everything a mail server can do to its client."""

import asyncio
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


@dataclass(frozen=True)
class ReceivedMail:
    """One accepted mail: the envelope, and the message as it was sent."""

    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class MailServer:
    """Collects what it accepts in `messages`; counts what was offered in `offered`."""

    port: int = 0
    messages: list[ReceivedMail] = field(default_factory=list)
    offered: int = 0
    _server: asyncio.Server | None = None
    _reply: str = ""
    _reply_to: dict[str, str] = field(default_factory=dict)
    _sender_reply: str = ""
    _drops: bool = False
    _parts: bool = True
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self.accept()
        self._server = await asyncio.get_running_loop().create_server(self._protocol, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection: the server is down."""
        self._released.set()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def accept(self) -> None:
        """Back to normal."""
        self._reply, self._sender_reply, self._drops, self._parts = "", "", False, True
        self._reply_to.clear()
        self._released.set()

    def refuse(self, reply: str, *, recipient: str | None = None) -> None:
        """Answer DATA, or this recipient's RCPT, with a reply such as "451 4.3.0 later" or "550 5.1.1 unknown"."""
        if recipient is None:
            self._reply = reply
        else:
            self._reply_to[recipient] = reply

    def hang(self) -> None:
        """Take the mail and never answer, until `accept` or `stop`."""
        self._released.clear()

    def drop_after_accepting(self) -> None:
        """Keep the mail, then cut the connection before the reply: the client cannot know."""
        self._drops = True

    def refuse_senders(self, reply: str) -> None:
        """Answer MAIL FROM with a reply such as "530 5.7.0 Must issue a STARTTLS command first"."""
        self._sender_reply = reply

    def never_part(self) -> None:
        """Take the mail and answer, but never answer the QUIT that follows."""
        self._parts = False

    def _protocol(self) -> SMTP:
        return SMTP(self, hostname="localhost", enable_SMTPUTF8=True)

    async def handle_MAIL(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._sender_reply:
            self.offered += 1
            return self._sender_reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        if not self._parts:
            await asyncio.Event().wait()
        return "221 Bye"

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if reply := self._reply_to.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.offered += 1
        await self._released.wait()
        if self._reply:
            return self._reply
        assert isinstance(envelope.content, bytes)
        self.messages.append(ReceivedMail(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content))
        if self._drops:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"
