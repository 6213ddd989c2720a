"""An event is published if, and only if, its transaction commits, and until the bus confirms it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from support.service_harness import Counted, ServiceHarness
from support.waiting import until

from pacewatch.kit import logs
from pacewatch.kit.errors import PublishError
from pacewatch.kit.messaging import outbox, relay, tables
from pacewatch.kit.messaging.envelope import Envelope
from pacewatch.kit.messaging.memory import MemoryBus
from pacewatch.kit.messaging.outbox import emit


class ScriptedBus(MemoryBus):
    """Records all events, refuses those in `refused`, and waits `pause_s` before each confirm."""

    def __init__(self, pause_s: float = 0) -> None:
        self.received: list[UUID] = []
        self.refused: set[UUID] = set()
        self.pause_s = pause_s
        self.publish_calls = 0

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        self.publish_calls += 1
        self.received += [one.id for one in envelopes]
        await asyncio.sleep(self.pause_s)
        if any(one.id in self.refused for one in envelopes):
            raise PublishError("refused", frozenset(one.id for one in envelopes) - self.refused)


class ProcessDied(BaseException):
    """Stands for the end of the process: no code after it runs."""


async def test_a_rolled_back_transaction_publishes_nothing(harness: ServiceHarness) -> None:
    with pytest.raises(ZeroDivisionError):
        async with harness.database.transaction(harness.service) as session:
            await emit(session, Counted(n=1))
            raise ZeroDivisionError
    assert await harness.waiting() == 0


async def test_an_event_keeps_its_correlation_and_causation_id_in_the_outbox(harness: ServiceHarness) -> None:
    cause = str(uuid4())
    with logs.caused_by(correlation_id="request-1", causation_id=cause):
        (sent,) = await harness.envelopes(1)
    assert (sent.correlation_id, sent.causation_id, sent.source) == (
        "request-1",
        cause,
        f"/pacewatch/{harness.service}",
    )
    (uncaused,) = await harness.envelopes(2)
    assert (uncaused.correlation_id, uncaused.causation_id) == (str(uncaused.id), "")


async def test_parallel_relays_never_claim_the_same_row(harness: ServiceHarness) -> None:
    bus = ScriptedBus(pause_s=0.02)
    sent = await harness.emit(*range(300))
    harness.run(*(harness.relay(bus).run for _ in range(4)))

    async def outbox_empty() -> bool:
        return await harness.waiting() == 0

    await until(outbox_empty)
    assert sorted(bus.received) == sorted(sent)


async def test_a_relay_that_dies_after_the_publish_publishes_the_same_id_again_with_one_effect(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.consume()
    await asyncio.sleep(0.05)
    await harness.emit(8)
    with monkeypatch.context() as patch:

        async def die(*_: object) -> None:
            raise ProcessDied

        patch.setattr(outbox, "delete", die)
        with pytest.raises(ProcessDied):
            await harness.relay().flush_once()
    assert await harness.effects() == [8]
    assert await harness.waiting() == 1
    assert await harness.relay().flush_once() == 1
    assert await harness.effects() == [8]
    assert await harness.waiting() == 0


async def test_an_event_of_a_transaction_that_commits_late_is_not_skipped(harness: ServiceHarness) -> None:
    bus = ScriptedBus()
    async with harness.database.transaction(harness.service) as early:
        late_id = await emit(early, Counted(n=1))
        (first_id,) = await harness.emit(2)
        assert await harness.relay(bus).flush_once() == 1
    assert await harness.relay(bus).flush_once() == 1
    assert bus.received == [first_id, late_id]


async def test_confirmed_events_leave_the_outbox_and_unconfirmed_events_stay(harness: ServiceHarness) -> None:
    bus = ScriptedBus()
    stuck, *fine = await harness.emit(1, 2, 3)
    bus.refused = {stuck}
    with pytest.raises(PublishError):
        await harness.relay(bus).flush_once()
    assert await harness.waiting() == 1
    bus.refused = set()
    assert await harness.relay(bus).flush_once() == 1
    assert sorted(bus.received) == sorted([stuck, stuck, *fine])


async def test_an_unpublishable_event_does_not_block_the_events_behind_it(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "PAUSE_S", 0.01)
    bus = ScriptedBus()
    (stuck,) = await harness.emit(0)
    bus.refused = {stuck}
    await harness.emit(*range(1, 200))
    harness.run(harness.relay(bus).run)

    async def only_one_waits() -> bool:
        return await harness.waiting() == 1

    await until(only_one_waits)


async def test_an_unavailable_bus_is_not_tried_at_every_emit(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "PAUSE_S", 3_600)
    bus = ScriptedBus()
    bus.refused = set(await harness.emit(1))
    harness.run(harness.wakeups.listen, harness.relay(bus).run)

    async def tried() -> bool:
        return bus.publish_calls > 0

    await until(tried)
    for n in range(30):
        bus.refused |= set(await harness.emit(n))
        await asyncio.sleep(0.01)
    assert bus.publish_calls == 1


async def test_notify_wakes_the_relay_without_a_poll(harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "POLL_S", 3_600)
    harness.start()
    for n in range(5):
        await harness.emit(n)
        await harness.until_effects(range(n + 1))


async def test_polling_finds_events_without_notify(harness: ServiceHarness) -> None:
    async with harness.database.transaction(harness.service) as session:
        await session.execute(sa.text(f"DROP TRIGGER wake_relay ON {harness.service}.outbox"))
    harness.start()
    await asyncio.sleep(0.1)
    await harness.emit(1)
    await harness.until_effects([1])


async def test_events_that_commit_together_send_one_notify(harness: ServiceHarness) -> None:
    notifications: list[str] = []
    connection = await harness.database.dedicated_connection()
    channel = tables.channel(harness.service)
    await connection.add_listener(channel, lambda *arguments: notifications.append(arguments[-1]))
    await harness.emit(*range(20))
    await connection.execute("SELECT pg_notify($1, 'the next')", channel)

    async def next_received() -> bool:
        return "the next" in notifications

    await until(next_received)
    await connection.close()
    assert notifications == ["", "the next"]
