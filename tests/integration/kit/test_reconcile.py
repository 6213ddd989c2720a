"""Events that their handler never received are published again, under their own ids, and take effect once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

import aio_pika
import pytest
import sqlalchemy as sa
from support.service_harness import Counted, ServiceHarness, on_counted, service_harness
from support.waiting import until

from pacewatch.kit import clock
from pacewatch.kit.db import Database, Session
from pacewatch.kit.errors import PublishError
from pacewatch.kit.messaging import outbox, reconcile, restore
from pacewatch.kit.messaging.outbox import emit
from pacewatch.kit.messaging.reconcile import Sent, Source, Watch, publish_lost, publish_missing

pytestmark = pytest.mark.servers

SENT = 12
NAMESPACE = UUID(int=1)


@pytest.fixture
async def harness(database: Database, amqp_url: str, amqp_prefix: str) -> AsyncIterator[ServiceHarness]:
    async with service_harness(database, amqp_url, amqp_prefix) as harness:
        async with database.transaction(harness.service) as session:
            for statement in restore.statements(harness.service):
                await session.execute(sa.text(statement))
        yield harness


def event_id(n: int) -> UUID:
    return uuid5(NAMESPACE, str(n))


def source(harness: ServiceHarness, *, is_ordered: bool = True) -> Source:
    """Events 1 to SENT, of whose content nothing is lost."""

    async def list_sent(_session: Session, _since: datetime, after: int, limit: int) -> Sequence[Sent]:
        if after and not is_ordered:
            return []
        return [Sent(event_id(n), n, n) for n in range(after + 1, min(after + limit, SENT) + 1)]

    async def rebuild(_session: Session, sent: Sequence[Sent]) -> Mapping[UUID, Counted]:
        return {one.event_id: Counted(n=one.key) for one in sent}

    return Source(harness.queue, list_sent, rebuild, is_ordered)


async def send(harness: ServiceHarness, *numbers: int) -> None:
    async with harness.database.transaction(harness.service) as session:
        for n in numbers:
            await emit(session, Counted(n=n), event_id(n))


async def handle(harness: ServiceHarness, *numbers: int, seconds_ago: float = 0) -> None:
    """The handler has handled these events, so long ago."""
    at = sa.text(f"""
        INSERT INTO {harness.service}.inbox (handler, event_id, done_at)
        VALUES (:handler, :id, clock_timestamp() - make_interval(secs => :ago))""")
    async with harness.database.transaction(harness.service) as session:
        for n in numbers:
            values = {"handler": harness.queue.handler, "id": event_id(n), "ago": seconds_ago}
            await session.execute(at, values)


async def pass_once(
    harness: ServiceHarness, of: Source, state: Watch, grace_s: float = 10, *, is_queue_empty: bool = False
) -> int:
    async with harness.database.transaction(harness.service) as session:
        return await publish_lost(session, of, state, grace_s, is_queue_empty=is_queue_empty)


async def test_what_was_never_handled_is_published_once_and_takes_effect_once(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "PAGE", 5)
    harness.consume()
    await send(harness, 2, 3)
    await harness.relay().flush_once()
    await harness.until_effects([2, 3])
    await send(harness, 7)  # still waits in the outbox
    arguments = (harness.database, harness.service, source(harness))
    missing = [event_id(n) for n in range(1, SENT + 1) if n not in {2, 3, 7}]
    assert [one.event_id for one in await publish_missing(*arguments, dry_run=True)] == missing
    assert await harness.waiting() == 1
    assert [one.event_id for one in await publish_missing(*arguments)] == missing
    assert await publish_missing(*arguments) == []
    await harness.relay().flush_once()
    await harness.until_effects(range(1, SENT + 1))
    assert await publish_missing(*arguments) == []


async def test_a_backlog_is_not_lost_and_an_overtaken_event_is(harness: ServiceHarness) -> None:
    of, state = source(harness), Watch()
    await handle(harness, 1, 2, seconds_ago=60)
    assert await pass_once(harness, of, state) == 0
    await handle(harness, 6)
    assert await pass_once(harness, of, state) == 0  # 3, 4 and 5 may be in work beside it
    await handle(harness, 8, seconds_ago=60)
    assert await pass_once(harness, of, state) == 4
    assert await harness.waiting() == 4
    assert await pass_once(harness, of, state) == 0
    assert state.cursor == 2


async def test_what_is_missing_for_long_is_lost_when_the_queue_is_empty(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing later is handled: the last events of a fleet, or all of a queue whose binding is missing."""
    of, state = source(harness), Watch()
    await handle(harness, *range(1, SENT - 1), seconds_ago=60)
    assert await pass_once(harness, of, state, is_queue_empty=True) == 0
    monkeypatch.setattr(reconcile, "LOST_AFTER_S", 0.0)
    assert await pass_once(harness, of, state) == 0
    assert await pass_once(harness, of, state, is_queue_empty=True) == 2
    assert await pass_once(harness, of, state, is_queue_empty=True) == 0  # they wait in the outbox
    await harness.relay().flush_once()
    assert await pass_once(harness, of, state, is_queue_empty=True) == 2
    await harness.relay().flush_once()
    monkeypatch.setattr(reconcile, "LOST_AFTER_S", 900.0)
    assert await pass_once(harness, of, state, is_queue_empty=True) == 0


async def test_the_queue_is_counted(harness: ServiceHarness) -> None:
    await send(harness, 1, 2)
    await harness.relay().flush_once()

    async def two_ready() -> bool:
        return await harness.bus.count_ready(harness.queue) == 2

    await until(two_ready)
    assert await harness.bus.count_ready(replace(harness.queue, handler="none")) == 0
    assert await harness.bus.count_ready(harness.queue) == 2


async def test_many_pages_are_compared_and_a_pass_publishes_a_bounded_number(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "PAGE", 2)
    monkeypatch.setattr(reconcile, "MISSING_AT_ONCE", 3)
    of, state = source(harness), Watch()
    await handle(harness, 1, SENT, seconds_ago=60)
    assert await pass_once(harness, of, state) == 3  # the last page says that the first ones were lost
    await harness.relay().flush_once()
    await handle(harness, 2, 3, 4)
    assert await pass_once(harness, of, state) == 3


async def test_an_event_that_cannot_be_built_holds_up_nothing(harness: ServiceHarness) -> None:
    async def rebuild(_session: Session, sent: Sequence[Sent]) -> Mapping[UUID, Counted]:
        return {one.event_id: Counted(n=one.key) for one in sent if one.key != 3}

    of, state = replace(source(harness), rebuild=rebuild), Watch()
    await handle(harness, 1, 2, *range(4, SENT + 1), seconds_ago=60)
    for _ in range(3):
        assert await pass_once(harness, of, state) == 0
    assert state.cursor == SENT


async def test_more_events_than_a_statement_has_parameters_are_looked_up(harness: ServiceHarness) -> None:
    await send(harness, 7)
    async with harness.database.transaction(harness.service) as session:
        assert await outbox.waiting(session, [event_id(n) for n in range(33_000)]) == {event_id(7)}


async def test_a_restore_is_noted_when_every_inbox_could_be_read(harness: ServiceHarness) -> None:
    foreign = source(harness)
    foreign = replace(foreign, queue=replace(foreign.queue, service="not_migrated"))
    done, arguments = set[tuple[str, str]](), (harness.database, harness.service)
    await reconcile._after_restore(*arguments, (source(harness), foreign), done)
    async with harness.database.transaction(harness.service) as session:
        assert await restore.lock_if_restored(session) is not None
    assert await harness.relay().flush_once() == SENT
    await reconcile._after_restore(*arguments, (source(harness), foreign), done)
    assert await harness.waiting() == 0  # once is enough
    await reconcile._after_restore(*arguments, (source(harness),), done)
    async with harness.database.transaction(harness.service) as session:
        assert await restore.lock_if_restored(session) is None


async def test_an_event_without_order_is_lost_when_it_was_missing_for_the_grace(harness: ServiceHarness) -> None:
    of, state = source(harness, is_ordered=False), Watch()
    await handle(harness, *range(1, SENT))
    assert await pass_once(harness, of, state) == 0
    assert await pass_once(harness, of, state, grace_s=0) == 1
    assert await pass_once(harness, of, state, grace_s=0) == 0


async def test_an_event_that_its_handler_refuses_is_not_lost(harness: ServiceHarness) -> None:
    async def refuse(event: Counted, session: Session) -> None:
        if event.n == 1:
            raise ValueError("poison")
        await on_counted(event, session)

    harness.start(refuse)
    await send(harness, *range(1, SENT + 1))
    await until(lambda: _has_dead_letter(harness))
    await harness.until_effects(range(2, SENT + 1))
    assert await pass_once(harness, source(harness), Watch(), grace_s=0) == 0


async def _has_dead_letter(harness: ServiceHarness) -> bool:
    return bool(await harness.bus.dead_letters(harness.queue))


async def test_an_inbox_that_may_not_be_read_stops_nothing_else(harness: ServiceHarness) -> None:
    """As of a consumer that is not migrated, or whose tables this role may not read."""
    foreign = source(harness)
    foreign = replace(foreign, queue=replace(foreign.queue, service="not_migrated"))
    await handle(harness, 2, seconds_ago=60)
    sources = (foreign, source(harness))
    harness.run(lambda: reconcile.watch(harness.database, harness.service, sources, harness.bus, 0.05))

    async def all_published() -> bool:
        return await harness.waiting() == SENT - 1

    await until(all_published)


async def test_under_a_fast_clock_everything_is_compared(harness: ServiceHarness) -> None:
    before = clock.pace()
    clock.start_at(1_790_000_000, 50_000)
    try:
        missing = await publish_missing(harness.database, harness.service, source(harness), dry_run=True)
    finally:
        clock.set_pace(before)
    assert len(missing) == SENT


async def test_the_restore_mark_needs_no_superuser(harness: ServiceHarness) -> None:
    async with harness.database.transaction(harness.service) as session:
        await session.execute(sa.text("CREATE ROLE small_rights"))
        await session.execute(sa.text(f"GRANT USAGE ON SCHEMA {harness.service} TO small_rights"))
        await session.execute(sa.text(f"GRANT SELECT, UPDATE ON {harness.service}.restore_mark TO small_rights"))
        await session.execute(sa.text("SET LOCAL ROLE small_rights"))
        await restore.set_identity(session, str(await restore.lock_if_restored(session)))
        assert await restore.lock_if_restored(session) is None
        await session.rollback()


async def test_a_restored_database_is_noticed_once(
    harness: ServiceHarness, new_database: Callable[[], Awaitable[str]]
) -> None:
    async with harness.database.transaction(harness.service) as session:
        identity = await restore.lock_if_restored(session)
        assert identity is not None
        await restore.set_identity(session, identity)
    async with harness.database.transaction(harness.service) as session:
        assert await restore.lock_if_restored(session) is None
    other = Database(await new_database())
    try:
        async with other.transaction(harness.service) as session:
            await session.execute(sa.text(f"CREATE SCHEMA {harness.service}"))
            for statement in restore.statements(harness.service):
                await session.execute(sa.text(statement))
            await restore.set_identity(session, identity)
        async with other.transaction(harness.service) as session:
            assert await restore.lock_if_restored(session) not in {None, identity}
    finally:
        await other.close()


async def test_a_created_table_of_any_service_counts_as_restored(harness: ServiceHarness) -> None:
    async with harness.database.transaction(harness.service) as session:
        await restore.set_identity(session, str(await restore.lock_if_restored(session)))
        assert await restore.lock_if_restored(session) is None
        await session.execute(sa.text("CREATE SCHEMA another"))
        await session.execute(sa.text("CREATE TABLE another.outbox (n int)"))
        assert await restore.lock_if_restored(session) is not None
        await session.rollback()


async def test_an_event_reaches_a_queue_that_was_deleted_a_moment_ago(
    harness: ServiceHarness, amqp_url: str, amqp_prefix: str
) -> None:
    """Another queue is bound to the same type, so the broker confirms the event without this one."""
    await send(harness, 1)
    await harness.relay().flush_once()
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(amqp_prefix + harness.queue.name)
    await send(harness, *range(2, SENT + 1))
    with pytest.raises(PublishError, match="missing"):
        await harness.relay().flush_once()
    await harness.relay().flush_once()
    harness.consume()
    await harness.until_effects(range(2, SENT + 1))
    assert [one.event_id for one in await publish_missing(harness.database, harness.service, source(harness))] == [
        event_id(1)
    ]
    await harness.relay().flush_once()
    await harness.until_effects(range(1, SENT + 1))
