"""From a delivery to one committed effect, whatever the handler or PostgreSQL does meanwhile."""

import asyncio

import asyncpg
import pytest
import sqlalchemy as sa
from support.chassis import Chassis, Counted, on_counted

from pacewatch.kit import logs
from pacewatch.kit.db import Session, Unreachable, driver
from pacewatch.kit.messaging import consumer, inbox, tables
from pacewatch.kit.messaging.bus import Verdict
from pacewatch.kit.module import Handle, Handler


def handled_by(it: Chassis, handle: Handle) -> consumer.Consumer:
    first = it.handlers[0]
    return it.consumer(Handler(first.queue, first.events, handle))


async def failures(it: Chassis) -> list[tuple[int, str | None]]:
    table = tables.inbox(it.service)
    async with it.database.transaction(it.service) as session:
        rows = await session.execute(sa.select(table.c.failures, table.c.last_error))
        return [(row.failures, row.last_error) for row in rows]


async def test_two_deliveries_of_one_event_at_one_time_have_one_effect(it: Chassis) -> None:
    async def slow(event: Counted, session: Session) -> None:
        await on_counted(event, session)
        await asyncio.sleep(0.1)

    (one,) = await it.envelopes(1)
    both = await asyncio.gather(*(handled_by(it, slow).deliver(one) for _ in range(2)))
    assert both == [Verdict.DONE, Verdict.DONE]
    assert await it.effects() == [1]


async def test_a_handler_that_fails_leaves_no_half_of_its_effect(it: Chassis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01, 0.01))
    tries = []

    async def third_time(event: Counted, session: Session) -> None:
        await on_counted(event, session)
        tries.append(event)
        if len(tries) < 3:
            raise KeyError("not yet")

    (one,) = await it.envelopes(1)
    assert await handled_by(it, third_time).deliver(one) is Verdict.DONE
    assert await it.effects() == [1]
    assert await failures(it) == [(2, "KeyError: 'not yet'")]


async def test_failures_are_counted_across_restarts(it: Chassis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01,))

    async def never(event: Counted, session: Session) -> None:
        raise ValueError("a \ud800 and a \x00")

    (one,) = await it.envelopes(1)
    async with it.database.transaction(it.service) as session:
        await inbox.record_failure(session, it.queue.handler, one.id, "before the restart")
    assert await handled_by(it, never).deliver(one) is Verdict.DEAD
    assert await failures(it) == [(2, "ValueError: a ? and a ")]


async def test_a_statement_asyncpg_refuses_is_the_handlers_fault_and_not_an_outage(
    it: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", ())

    async def one_argument_short(event: Counted, session: Session) -> None:
        await (await driver(session)).execute("SELECT $1::int, $2::int", event.n)

    (one,) = await it.envelopes(1)
    assert await handled_by(it, one_argument_short).deliver(one) is Verdict.DEAD


@pytest.mark.parametrize("error", [ConnectionRefusedError("elsewhere"), TimeoutError("elsewhere")])
async def test_another_server_that_is_away_is_the_handlers_failure(
    it: Chassis, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01,))

    async def calls_out(event: Counted, session: Session) -> None:
        raise error

    (one,) = await it.envelopes(1)
    assert await handled_by(it, calls_out).deliver(one) is Verdict.DEAD


async def test_a_delivery_is_kept_while_postgresql_is_away_and_takes_effect_after(
    it: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "AWAY_PAUSE_S", 0.02)
    tries = []

    async def away(event: Counted, session: Session) -> None:
        tries.append(event)
        if len(tries) < 10:
            raise Unreachable("gone")
        await on_counted(event, session)

    (one,) = await it.envelopes(1)
    assert await handled_by(it, away).deliver(one) is Verdict.DONE
    assert await it.effects() == [1]
    assert await failures(it) == [(0, None)]


async def test_a_delivery_is_handed_back_when_postgresql_stays_away(
    it: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "AWAY_PAUSE_S", 0.02)
    monkeypatch.setattr(consumer, "AWAY_PATIENCE_S", 0.1)

    async def away(event: Counted, session: Session) -> None:
        raise asyncpg.ConnectionDoesNotExistError("gone")

    (one,) = await it.envelopes(1)
    assert await handled_by(it, away).deliver(one) is Verdict.AGAIN


async def test_a_terminated_backend_in_the_middle_of_a_handler_is_tried_again(
    it: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "AWAY_PAUSE_S", 0.02)
    tries = []

    async def killed_once(event: Counted, session: Session) -> None:
        await on_counted(event, session)
        tries.append(event)
        if len(tries) == 1:
            await session.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    (one,) = await it.envelopes(1)
    assert await handled_by(it, killed_once).deliver(one) is Verdict.DONE
    assert await it.effects() == [1]


async def test_a_cancelled_delivery_leaves_neither_effect_nor_connection_behind(it: Chassis) -> None:
    async def endless(event: Counted, session: Session) -> None:
        await on_counted(event, session)
        await session.execute(sa.text("SELECT pg_sleep(60)"))

    envelopes = await it.envelopes(*range(12))
    tasks = [asyncio.create_task(handled_by(it, endless).deliver(one)) for one in envelopes]
    await asyncio.sleep(0.3)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    assert await it.effects() == []
    await asyncio.sleep(0.2)
    async with it.database.transaction(it.service) as session:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
        assert await session.scalar(sa.text(query)) == 1
    assert it.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_handler_knows_the_correlation_of_its_event_and_its_event_as_the_cause(it: Chassis) -> None:
    seen = []

    async def look(event: Counted, session: Session) -> None:
        seen.append((logs.correlation_id(), logs.causation_id()))

    with logs.caused_by(correlation_id="request-1"):
        (one,) = await it.envelopes(1)
    await handled_by(it, look).deliver(one)
    assert seen == [("request-1", str(one.id))]


async def test_what_was_digested_long_ago_is_forgotten_and_what_failed_is_not(it: Chassis) -> None:
    table = tables.inbox(it.service)
    fresh, old, failed = await it.envelopes(1, 2, 3)
    for one in (fresh, old):
        await it.consumer().deliver(one)
    async with it.database.transaction(it.service) as session:
        await inbox.record_failure(session, it.queue.handler, failed.id, "x")
        month = sa.func.now() - sa.text("interval '31 days'")
        await session.execute(sa.update(table).where(table.c.event_id == old.id).values(done_at=month))
    async with it.database.transaction(it.service) as session:
        assert await inbox.prune(session) == 1
        left = set(await session.scalars(sa.select(table.c.event_id)))
    assert left == {fresh.id, failed.id}


async def test_back_off_sums_to_less_than_the_five_seconds_neighbours_may_wait() -> None:
    assert sum(consumer.BACK_OFF_S) < 4
