"""Housekeeping: what waits is counted, what is old is forgotten."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import sqlalchemy as sa
from support.chassis import Chassis, Counted
from support.waiting import until

from pacewatch.kit import metrics
from pacewatch.kit.messaging import tables
from pacewatch.kit.messaging.housekeeping import run_housekeeping
from pacewatch.kit.messaging.outbox import emit


async def test_old_deliveries_are_forgotten_and_waiting_events_counted(it: Chassis) -> None:
    inbox = tables.inbox(it.service)
    async with it.database.transaction(it.service) as session:
        await emit(session, Counted(n=1))
        for age_days in (1, 40):
            done_at = sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, age_days)
            await session.execute(sa.insert(inbox).values(handler=f"{age_days}d", event_id=uuid4(), done_at=done_at))
    housekeeping = asyncio.create_task(run_housekeeping(it.database, it.service))
    gauge = metrics.OUTBOX_WAITING.labels(it.service)

    async def counted() -> bool:
        return gauge._value.get() == 1

    try:
        await until(counted)
    finally:
        housekeeping.cancel()
        with suppress(asyncio.CancelledError):
            await housekeeping
    async with it.database.transaction(it.service) as session:
        assert list(await session.scalars(sa.select(inbox.c.handler))) == ["1d"]
