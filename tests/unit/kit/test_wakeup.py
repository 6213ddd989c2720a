"""A notification is never missed, also when it arrives before the wait."""

import asyncio

from pacewatch.kit.wakeup import Wakeup


async def test_a_notification_while_nobody_waits_ends_the_next_wait() -> None:
    wakeup = Wakeup("c")
    wakeup.notify()
    wakeup.notify()
    await wakeup.wait(3_600)
    await wakeup.wait(0.01)


async def test_without_a_notification_the_wait_ends_after_its_timeout() -> None:
    await Wakeup("c").wait(0.01)


async def test_a_notification_after_a_wait_ends_the_next_one() -> None:
    wakeup = Wakeup("c")
    waiting = asyncio.create_task(wakeup.wait(3_600))
    await asyncio.sleep(0)
    wakeup.notify()
    await waiting
    wakeup.notify()
    await wakeup.wait(3_600)


async def test_a_wait_can_be_cancelled() -> None:
    waiting = asyncio.create_task(Wakeup("c").wait(3_600))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
