"""A ring is never missed by who looks after it was rung."""

import asyncio

from pacewatch.kit.wakeup import Bell


async def test_a_ring_while_nobody_waits_is_kept_for_the_next_wait() -> None:
    bell = Bell("c")
    bell.ring()
    bell.ring()
    await bell.wait(3_600)
    await bell.wait(0.01)


async def test_without_a_ring_the_wait_ends_by_itself() -> None:
    await Bell("c").wait(0.01)


async def test_a_ring_after_the_wait_is_for_the_next_one() -> None:
    bell = Bell("c")
    waiting = asyncio.create_task(bell.wait(3_600))
    await asyncio.sleep(0)
    bell.ring()
    await waiting
    bell.ring()
    await bell.wait(3_600)


async def test_a_cancelled_wait_is_cancelled() -> None:
    waiting = asyncio.create_task(Bell("c").wait(3_600))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
