"""One server of a kind for all workers of a parallel run: the first to need it searches, and ends it after the last."""

import asyncio
import fcntl
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from .found import Search, Server


@asynccontextmanager
async def shared(kind: str, search: Search, folder: Path) -> AsyncIterator[Server]:
    """What `search` finds, once for all processes that name the same folder; raises ServerMissing.

    The process that searched waits in the end until no other uses the server. Two processes never wait for each other:
    a server is older than all its users, and each process gives back first what it took last.
    """
    found = folder / f"{kind}.json"
    with (folder / f"{kind}.users").open("a") as users:
        await asyncio.to_thread(fcntl.flock, users, fcntl.LOCK_SH)
        async with AsyncExitStack() as started:
            server, is_mine = await _found_once(found, search, started)
            try:
                yield server
            finally:
                if is_mine:
                    await asyncio.to_thread(fcntl.flock, users, fcntl.LOCK_EX)
                    found.unlink()


async def _found_once(found: Path, search: Search, started: AsyncExitStack) -> tuple[Server, bool]:
    """The server, and whether this process searched for it."""
    with found.with_suffix(".lock").open("a") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        if found.exists():
            return Server(**json.loads(found.read_text())), False
        server = await search(started)
        found.write_text(json.dumps(asdict(server)))
        return server, True
