"""Housekeeping: counts waiting events and prunes old deliveries."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import sqlalchemy as sa
from support.service_harness import Counted, ServiceHarness
from support.waiting import until

from pacewatch.kit import metrics
from pacewatch.kit.messaging import tables
from pacewatch.kit.messaging.housekeeping import run_housekeeping
from pacewatch.kit.messaging.outbox import emit


async def test_old_deliveries_are_pruned_and_waiting_events_counted(harness: ServiceHarness) -> None:
    inbox = tables.inbox(harness.service)
    async with harness.database.transaction(harness.service) as session:
        await emit(session, Counted(n=1))
        for age_days in (1, 40):
            done_at = sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, age_days)
            await session.execute(sa.insert(inbox).values(handler=f"{age_days}d", event_id=uuid4(), done_at=done_at))
    housekeeping = asyncio.create_task(run_housekeeping(harness.database, harness.service))
    gauge = metrics.OUTBOX_WAITING.labels(harness.service)

    async def counted() -> bool:
        return gauge._value.get() == 1

    try:
        await until(counted)
    finally:
        housekeeping.cancel()
        with suppress(asyncio.CancelledError):
            await housekeeping
    async with harness.database.transaction(harness.service) as session:
        assert list(await session.scalars(sa.select(inbox.c.handler))) == ["1d"]
