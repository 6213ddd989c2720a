"""A consumer turns each event into one committed effect, also when the handler or PostgreSQL fails."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY
from support.service_harness import Counted, ServiceHarness, on_counted, service_harness

from pacewatch.kit import logs
from pacewatch.kit.db import Database, Session, Unreachable, driver
from pacewatch.kit.messaging import consumer, inbox, tables
from pacewatch.kit.messaging.bus import Verdict
from pacewatch.kit.module import Handle, Handler


def consumer_with(harness: ServiceHarness, handle: Handle) -> consumer.Consumer:
    first = harness.handlers[0]
    return harness.consumer(Handler(first.queue, first.events, handle))


async def failures(harness: ServiceHarness) -> list[tuple[int, str | None]]:
    table = tables.inbox(harness.service)
    async with harness.database.transaction(harness.service) as session:
        rows = await session.execute(sa.select(table.c.failures, table.c.last_error))
        return [(row.failures, row.last_error) for row in rows]


async def test_concurrent_deliveries_of_one_event_take_effect_once(harness: ServiceHarness) -> None:
    async def slow(event: Counted, session: Session) -> None:
        await on_counted(event, session)
        await asyncio.sleep(0.1)

    (one,) = await harness.envelopes(1)
    both = await asyncio.gather(*(consumer_with(harness, slow).deliver(one) for _ in range(2)))
    assert both == [Verdict.DONE, Verdict.DONE]
    assert await harness.effects() == [1]


async def test_a_failed_attempt_leaves_no_partial_effect(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01, 0.01))
    attempts = []

    async def succeed_at_third_attempt(event: Counted, session: Session) -> None:
        await on_counted(event, session)
        attempts.append(event)
        if len(attempts) < 3:
            raise KeyError("not yet")

    (one,) = await harness.envelopes(1)
    assert await consumer_with(harness, succeed_at_third_attempt).deliver(one) is Verdict.DONE
    assert await harness.effects() == [1]
    assert await failures(harness) == [(2, "KeyError: 'not yet'")]


async def test_failures_are_counted_across_restarts(harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01,))

    async def always_fail(event: Counted, session: Session) -> None:
        raise ValueError("a \ud800 and a \x00")

    (one,) = await harness.envelopes(1)
    async with harness.database.transaction(harness.service) as session:
        await inbox.record_failure(session, harness.queue.handler, one.id, "before the restart")
    assert await consumer_with(harness, always_fail).deliver(one) is Verdict.DEAD
    assert await failures(harness) == [(2, "ValueError: a ? and a ")]


async def test_wrong_use_of_asyncpg_is_a_failure_of_the_handler_and_not_an_outage(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", ())

    async def one_argument_short(event: Counted, session: Session) -> None:
        await (await driver(session)).execute("SELECT $1::int, $2::int", event.n)

    (one,) = await harness.envelopes(1)
    assert await consumer_with(harness, one_argument_short).deliver(one) is Verdict.DEAD


@pytest.mark.parametrize("error", [ConnectionRefusedError("elsewhere"), TimeoutError("elsewhere")])
async def test_an_unavailable_other_server_is_a_failure_of_the_handler(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01,))

    async def calls_out(event: Counted, session: Session) -> None:
        raise error

    (one,) = await harness.envelopes(1)
    assert await consumer_with(harness, calls_out).deliver(one) is Verdict.DEAD


async def test_a_delivery_waits_for_postgresql_and_takes_effect_after_the_outage(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "OUTAGE_PAUSE_S", 0.02)
    attempts = []

    async def unavailable(event: Counted, session: Session) -> None:
        attempts.append(event)
        if len(attempts) < 10:
            raise Unreachable("gone")
        await on_counted(event, session)

    def outages() -> float:
        return REGISTRY.get_sample_value("pacewatch_handler_outages_total", {"handler": harness.queue.name}) or 0

    (one,) = await harness.envelopes(1)
    before = outages()
    assert await consumer_with(harness, unavailable).deliver(one) is Verdict.DONE
    assert outages() == before + 9
    assert await harness.effects() == [1]
    assert await failures(harness) == [(0, None)]


@pytest.mark.parametrize(
    ("break_it", "mend_it"),
    [
        ("ALTER TABLE {0}.effects RENAME COLUMN n TO m", "ALTER TABLE {0}.effects RENAME COLUMN m TO n"),
        ("ALTER TABLE {0}.effects RENAME TO gone", "ALTER TABLE {0}.gone RENAME TO effects"),
        ("ALTER SCHEMA {0} RENAME TO {0}_gone", "ALTER SCHEMA {0}_gone RENAME TO {0}"),
        ("DROP INDEX {0}.effects_n", "CREATE UNIQUE INDEX effects_n ON {0}.effects (n)"),
    ],
)
async def test_events_wait_while_the_schema_is_not_as_their_handler_needs_it_and_none_dies(
    new_database: Callable[[], Awaitable[str]], monkeypatch: pytest.MonkeyPatch, break_it: str, mend_it: str
) -> None:
    monkeypatch.setattr(consumer, "OUTAGE_PAUSE_S", 0.02)
    database = Database(await new_database())

    async def store_once(event: Counted, session: Session) -> None:
        insert = f"INSERT INTO {harness.service}.effects (n) VALUES ({event.n}) ON CONFLICT (n) DO NOTHING"
        await (await driver(session)).execute(insert)

    async with service_harness(database) as harness:
        await execute(database, "CREATE UNIQUE INDEX effects_n ON {0}.effects (n)", harness.service)
        envelopes = await harness.envelopes(*range(5))
        await execute(database, break_it, harness.service)
        deliveries = [asyncio.create_task(consumer_with(harness, store_once).deliver(one)) for one in envelopes]
        done, _ = await asyncio.wait(deliveries, timeout=0.5)
        await execute(database, mend_it, harness.service)
        assert not done
        assert set(await asyncio.gather(*deliveries)) == {Verdict.DONE}
        assert await harness.effects() == list(range(5))
        assert await failures(harness) == [(0, None)] * 5
    await database.close()


async def execute(database: Database, statement: str, service: str) -> None:
    connection = await database.dedicated_connection()
    await connection.execute(statement.format(service))
    await connection.close()


async def test_an_event_whose_values_are_refused_dies(harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01,))

    async def divide(event: Counted, session: Session) -> None:
        await session.execute(sa.text("SELECT 1 / :n"), {"n": event.n})

    (zero,) = await harness.envelopes(0)
    assert await consumer_with(harness, divide).deliver(zero) is Verdict.DEAD


async def test_a_delivery_is_returned_when_an_outage_of_postgresql_lasts_too_long(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "OUTAGE_PAUSE_S", 0.02)
    monkeypatch.setattr(consumer, "OUTAGE_HOLD_S", 0.1)

    async def unavailable(event: Counted, session: Session) -> None:
        raise asyncpg.ConnectionDoesNotExistError("gone")

    (one,) = await harness.envelopes(1)
    assert await consumer_with(harness, unavailable).deliver(one) is Verdict.AGAIN


async def test_a_delivery_is_tried_again_after_its_backend_was_terminated(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "OUTAGE_PAUSE_S", 0.02)
    attempts = []

    async def killed_once(event: Counted, session: Session) -> None:
        await on_counted(event, session)
        attempts.append(event)
        if len(attempts) == 1:
            await session.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    (one,) = await harness.envelopes(1)
    assert await consumer_with(harness, killed_once).deliver(one) is Verdict.DONE
    assert await harness.effects() == [1]


async def test_a_cancelled_delivery_leaves_no_effect_and_no_open_connection(harness: ServiceHarness) -> None:
    async def endless(event: Counted, session: Session) -> None:
        await on_counted(event, session)
        await session.execute(sa.text("SELECT pg_sleep(60)"))

    envelopes = await harness.envelopes(*range(12))
    tasks = [asyncio.create_task(consumer_with(harness, endless).deliver(one)) for one in envelopes]
    await asyncio.sleep(0.3)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    assert await harness.effects() == []
    await asyncio.sleep(0.2)
    async with harness.database.transaction(harness.service) as session:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
        assert await session.scalar(sa.text(query)) == 1
    assert harness.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_handler_sees_the_correlation_id_of_its_event_and_its_cause(harness: ServiceHarness) -> None:
    seen = []

    async def record_ids(event: Counted, session: Session) -> None:
        seen.append((logs.correlation_id(), logs.causation_id()))

    with logs.caused_by(correlation_id="request-1"):
        (one,) = await harness.envelopes(1)
    await consumer_with(harness, record_ids).deliver(one)
    assert seen == [("request-1", str(one.id))]


async def test_pruning_deletes_old_handled_deliveries_and_keeps_failures(harness: ServiceHarness) -> None:
    table = tables.inbox(harness.service)
    fresh, old, failed = await harness.envelopes(1, 2, 3)
    for one in (fresh, old):
        await harness.consumer().deliver(one)
    async with harness.database.transaction(harness.service) as session:
        await inbox.record_failure(session, harness.queue.handler, failed.id, "x")
        month_ago = sa.func.now() - sa.text("interval '31 days'")
        await session.execute(sa.update(table).where(table.c.event_id == old.id).values(done_at=month_ago))
    async with harness.database.transaction(harness.service) as session:
        assert await inbox.prune(session) == 1
        left = set(await session.scalars(sa.select(table.c.event_id)))
    assert left == {fresh.id, failed.id}


async def test_all_back_off_pauses_sum_to_less_than_the_five_seconds_other_events_may_wait() -> None:
    assert sum(consumer.BACK_OFF_S) < 4
