"""A ring is never missed by who looks after it was rung."""

import asyncio
import time

from pacewatch.kit.wakeup import Bell


async def test_a_ring_while_nobody_waits_is_kept_for_the_next_wait() -> None:
    bell = Bell("c")
    bell.ring()
    bell.ring()
    began = time.monotonic()
    await bell.wait(5)
    assert time.monotonic() - began < 1
    await bell.wait(0.01)


async def test_without_a_ring_the_wait_ends_by_itself() -> None:
    await Bell("c").wait(0.01)


async def test_a_ring_after_the_wait_is_for_the_next_one() -> None:
    bell = Bell("c")
    waiting = asyncio.create_task(bell.wait(5))
    await asyncio.sleep(0)
    bell.ring()
    await waiting
    bell.ring()
    await asyncio.wait_for(bell.wait(5), 1)


async def test_a_cancelled_wait_is_cancelled() -> None:
    waiting = asyncio.create_task(Bell("c").wait(5))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
