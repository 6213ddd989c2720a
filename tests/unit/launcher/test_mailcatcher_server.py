"""The mailcatcher as a program: its ports, and how it stops."""

import asyncio
import sys
from pathlib import Path

import aiosmtplib
import pytest
from servers.own import free_ports
from support.platform.mailcatcher import plain_mail

from pacewatch.launcher.errors import PortTaken
from pacewatch.launcher.mailcatcher.server import Mailcatcher


async def test_a_port_in_use_is_named_in_the_error(mailcatcher: Mailcatcher, tmp_path: Path) -> None:
    with pytest.raises(PortTaken, match=str(mailcatcher.http_port)):
        async with Mailcatcher(tmp_path / "other", http_port=mailcatcher.http_port):
            pass


@pytest.mark.parametrize("command", ["mailcatcher", "inbox"])
async def test_the_command_serves_until_it_is_terminated(tmp_path: Path, command: str) -> None:
    smtp_port, http_port = free_ports(2)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pacewatch.launcher", command),
        *("--smtp-port", str(smtp_port), "--port", str(http_port), "--folder", "mail"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert f"http://localhost:{http_port}".encode() in await process.stdout.readline()
    await aiosmtplib.send(plain_mail(), hostname="127.0.0.1", port=smtp_port)
    process.terminate()
    assert await process.wait() == 0
    assert len(list((tmp_path / "mail").iterdir())) == 1
