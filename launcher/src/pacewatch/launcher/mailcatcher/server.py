"""The running mailcatcher: an SMTP receiver and its pages, both on loopback, both in the caller's event loop."""

import asyncio
import signal
from contextlib import nullcontext
from pathlib import Path
from typing import Self, cast

import structlog
import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from pacewatch.launcher.mailcatcher.app import create_app
from pacewatch.launcher.mailcatcher.mailbox import Mailbox
from pacewatch.launcher.ports import listening_socket

log = structlog.get_logger(__name__)
MAX_MAIL_BYTES = 20_000_000


class Mailcatcher:
    """`async with Mailcatcher(folder, http_port=1080) as mailcatcher: mailcatcher.smtp_port`.

    Keeps the newest `limit` mails in `folder`. Port 0 chooses a free one. Raises PortTaken.
    """

    def __init__(self, folder: Path, smtp_port: int = 0, http_port: int = 0, *, limit: int = 500) -> None:
        self.smtp_port = smtp_port
        self.http_port = http_port
        self.mailbox = Mailbox(folder, limit)
        self.app = create_app(self.mailbox)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.http_port}"

    async def __aenter__(self) -> Self:
        smtp_socket = listening_socket(self.smtp_port)
        try:
            http_socket = listening_socket(self.http_port)
        except BaseException:
            smtp_socket.close()
            raise
        self.smtp_port, self.http_port = smtp_socket.getsockname()[1], http_socket.getsockname()[1]
        self._smtp = await asyncio.get_running_loop().create_server(self._smtp_session, sock=smtp_socket)
        self._http = uvicorn.Server(uvicorn.Config(self.app, log_config=None, access_log=False, lifespan="off"))
        # The process that starts us handles signals; uvicorn must not take them over.
        self._http.capture_signals = nullcontext  # type: ignore[assignment,method-assign]
        self._serving = asyncio.create_task(self._http.serve(sockets=[http_socket]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._smtp.close()
        await self._smtp.wait_closed()
        self._http.should_exit = True
        await self._serving

    def _smtp_session(self) -> SMTP:
        return SMTP(self, data_size_limit=MAX_MAIL_BYTES, enable_SMTPUTF8=True, hostname="localhost")

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = cast("bytes", envelope.content)  # text only with decode_data, which is off
        mail = self.mailbox.add(envelope.mail_from or "", envelope.rcpt_tos, message)
        log.info("mail_received", mail_id=mail.id, bytes=mail.size)
        return "250 OK"


def run_mailcatcher(smtp_port: int, http_port: int, folder: Path) -> None:
    """Serve until SIGINT or SIGTERM."""
    asyncio.run(_serve_until_signal(Mailcatcher(folder, smtp_port, http_port)))


async def _serve_until_signal(mailcatcher: Mailcatcher) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with mailcatcher:
        log.info("mailcatcher_ready", url=mailcatcher.url, smtp_port=mailcatcher.smtp_port)
        await stop.wait()
