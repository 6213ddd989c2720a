"""Fixtures for tests of the mailcatcher and of the embedded PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from servers.postgres import open_folder

from pacewatch.launcher.mailcatcher.server import Mailcatcher


@pytest.fixture
async def mailcatcher(tmp_path: Path) -> AsyncIterator[Mailcatcher]:
    async with Mailcatcher(tmp_path) as mailcatcher:
        yield mailcatcher


@pytest.fixture
async def http(mailcatcher: Mailcatcher) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{mailcatcher.http_port}", timeout=30) as client:
        yield client


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    """A folder that the server's user can enter."""
    async with AsyncExitStack() as stack:
        yield open_folder(stack)
