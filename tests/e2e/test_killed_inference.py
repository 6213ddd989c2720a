"""`kill -9` of inference in the middle of a transaction: an accepted reading still causes its mail, once."""

import time

import asyncpg
import pytest
from support.fleets import dying, new_device
from support.waiting import is_lock_awaited, until

from e2e.conftest import RABBITMQ, Deployment

pytestmark = pytest.mark.early


@pytest.mark.parametrize("deployment", [RABBITMQ], indirect=True)  # one process cannot lose one service
async def test_inference_killed_in_its_transaction_still_causes_one_mail(deployment: Deployment) -> None:
    device = new_device()
    inference = deployment.platform.processes["inference"]
    connection = await asyncpg.connect(deployment.database_url.replace("+asyncpg", ""))
    try:
        async with connection.transaction():
            # The handler waits for this lock when it stores its predictions.
            await connection.execute("LOCK TABLE inference.predictions IN ACCESS EXCLUSIVE MODE")
            await deployment.post_readings(device, dying(device, int(time.time())))
            await until(lambda: is_lock_awaited(connection, "inference.predictions"))
            await inference.kill()
    finally:
        await connection.close()
    assert deployment.mails_about(device) == []
    await inference.start()
    await inference.ready()
    await deployment.wait_for_mail_about(device)
    predictions = (await deployment.platform.get("predictions", device_id=device)).raise_for_status().json()
    assert predictions["total"] == 1
    assert len(deployment.mails_about(device)) == 1
