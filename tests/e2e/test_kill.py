"""`kill -9` in the middle: what was accepted still ends in a mail, once."""

import time

import asyncpg
import pytest
from support.fleets import dying, new_device
from support.waiting import somebody_waits, until

from e2e.conftest import RABBITMQ, Loop
from e2e.test_loop import mails_about, post_readings

pytestmark = pytest.mark.early


@pytest.mark.parametrize("loop", [RABBITMQ], indirect=True)  # one process cannot lose one service
async def test_inference_killed_in_its_transaction_still_ends_in_one_mail(loop: Loop) -> None:
    device = new_device()
    inference = loop.platform.processes["inference"]
    connection = await asyncpg.connect(loop.database_url.replace("+asyncpg", ""))
    try:
        async with connection.transaction():
            # The handler gets as far as its predictions, and no further.
            await connection.execute("LOCK TABLE inference.predictions IN ACCESS EXCLUSIVE MODE")
            await post_readings(loop, device, dying(device, int(time.time())))
            await until(lambda: somebody_waits(connection, "inference.predictions"))
            await inference.kill()
    finally:
        await connection.close()
    assert mails_about(loop, device) == []
    await inference.start()
    await inference.ready()

    async def mailed() -> bool:
        return bool(mails_about(loop, device))

    await until(mailed)
    predictions = (await loop.platform.get("predictions", device=device)).raise_for_status().json()
    assert predictions["total"] == 1
    assert len(mails_about(loop, device)) == 1
