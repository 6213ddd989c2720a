"""Waiting for what happens soon, without sleeping longer than it takes."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(holds: Callable[[], Awaitable[bool]], timeout_s: float = 30, every_s: float = 0.05) -> None:
    """Return when `holds()` is true; TimeoutError if it does not become so in time."""
    async with asyncio.timeout(timeout_s):
        while not await holds():
            await asyncio.sleep(every_s)
