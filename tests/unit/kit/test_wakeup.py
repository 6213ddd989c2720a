"""A ring is never missed by who looks after it was rung."""

import asyncio
import time

from pacewatch.kit.wakeup import Wakeup


async def test_a_ring_while_nobody_waits_is_kept_for_the_next_wait() -> None:
    wakeup = Wakeup("c")
    wakeup.notify()
    wakeup.notify()
    began = time.monotonic()
    await wakeup.wait(5)
    assert time.monotonic() - began < 1
    await wakeup.wait(0.01)


async def test_without_a_ring_the_wait_ends_by_itself() -> None:
    await Wakeup("c").wait(0.01)


async def test_a_ring_after_the_wait_is_for_the_next_one() -> None:
    wakeup = Wakeup("c")
    waiting = asyncio.create_task(wakeup.wait(5))
    await asyncio.sleep(0)
    wakeup.notify()
    await waiting
    wakeup.notify()
    await asyncio.wait_for(wakeup.wait(5), 1)


async def test_a_cancelled_wait_is_cancelled() -> None:
    waiting = asyncio.create_task(Wakeup("c").wait(5))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
