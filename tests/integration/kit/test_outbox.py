"""An event is told if, and only if, its transaction commits; and then until the bus has confirmed it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from support.chassis import Chassis, Counted
from support.waiting import until

from pacewatch.kit import logs, outbox, relay, tables
from pacewatch.kit.envelope import Envelope
from pacewatch.kit.errors import PublishError
from pacewatch.kit.memory import MemoryBus
from pacewatch.kit.outbox import emit


class Scripted(MemoryBus):
    """Takes everything down, confirms what it is told to, and is as slow as it is told to."""

    def __init__(self, pause_s: float = 0) -> None:
        self.taken: list[UUID] = []
        self.refused: set[UUID] = set()
        self.pause_s = pause_s
        self.asked = 0

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        self.asked += 1
        self.taken += [one.id for one in envelopes]
        await asyncio.sleep(self.pause_s)
        if any(one.id in self.refused for one in envelopes):
            raise PublishError("refused", frozenset(one.id for one in envelopes) - self.refused)


class Died(BaseException):
    """The process is gone: nothing after this line ran."""


async def test_a_transaction_that_rolls_back_tells_nothing(it: Chassis) -> None:
    with pytest.raises(ZeroDivisionError):
        async with it.database.transaction(it.service) as session:
            await emit(session, Counted(n=1))
            raise ZeroDivisionError
    assert await it.waiting() == 0


async def test_an_event_carries_who_caused_it_through_the_outbox(it: Chassis) -> None:
    cause = str(uuid4())
    with logs.caused_by(correlation_id="request-1", causation_id=cause):
        (sent,) = await it.envelopes(1)
    assert (sent.correlation_id, sent.causation_id, sent.source) == ("request-1", cause, f"/pacewatch/{it.service}")
    (alone,) = await it.envelopes(2)
    assert (alone.correlation_id, alone.causation_id) == (str(alone.id), "")


async def test_relays_side_by_side_never_take_the_same_row(it: Chassis) -> None:
    bus = Scripted(pause_s=0.02)
    sent = await it.emit(*range(300))
    it.run(*(it.relay(bus).run for _ in range(4)))

    async def gone() -> bool:
        return await it.waiting() == 0

    await until(gone)
    assert sorted(bus.taken) == sorted(sent)


async def test_a_relay_that_dies_after_the_publish_sends_the_same_id_again_and_the_effect_is_one(
    it: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    it.consume()
    await asyncio.sleep(0.05)
    await it.emit(8)
    with monkeypatch.context() as patch:

        async def die(*_: object) -> None:
            raise Died

        patch.setattr(outbox, "forget", die)
        with pytest.raises(Died):
            await it.relay().flush_once()
    assert await it.effects() == [8]
    assert await it.waiting() == 1
    assert await it.relay().flush_once() == 1
    assert await it.effects() == [8]
    assert await it.waiting() == 0


async def test_a_transaction_that_commits_late_is_not_skipped(it: Chassis) -> None:
    bus = Scripted()
    async with it.database.transaction(it.service) as early:
        late_id = await emit(early, Counted(n=1))
        (first_id,) = await it.emit(2)
        assert await it.relay(bus).flush_once() == 1
    assert await it.relay(bus).flush_once() == 1
    assert bus.taken == [first_id, late_id]


async def test_what_is_not_confirmed_stays_and_what_is_goes(it: Chassis) -> None:
    bus = Scripted()
    stuck, *fine = await it.emit(1, 2, 3)
    bus.refused = {stuck}
    with pytest.raises(PublishError):
        await it.relay(bus).flush_once()
    assert await it.waiting() == 1
    bus.refused = set()
    assert await it.relay(bus).flush_once() == 1
    assert sorted(bus.taken) == sorted([stuck, stuck, *fine])


async def test_a_stuck_event_does_not_hold_up_those_behind_it(it: Chassis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "PAUSE_S", 0.01)
    bus = Scripted()
    (stuck,) = await it.emit(0)
    bus.refused = {stuck}
    await it.emit(*range(1, 200))
    it.run(it.relay(bus).run)

    async def only_it_waits() -> bool:
        return await it.waiting() == 1

    await until(only_it_waits)


async def test_a_bus_that_is_away_is_not_asked_at_every_emit(it: Chassis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "PAUSE_S", 3_600)
    bus = Scripted()
    bus.refused = set(await it.emit(1))
    it.run(it.wakeups.listen, it.relay(bus).run)

    async def asked() -> bool:
        return bus.asked > 0

    await until(asked)
    for n in range(30):
        bus.refused |= set(await it.emit(n))
        await asyncio.sleep(0.01)
    assert bus.asked == 1


async def test_notify_wakes_the_relay_and_no_poll_has_to(it: Chassis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "POLL_S", 3_600)
    it.start()
    for n in range(5):
        await it.emit(n)
        await it.until_effects(range(n + 1))


async def test_polling_finds_what_no_notify_told(it: Chassis) -> None:
    async with it.database.transaction(it.service) as session:
        await session.execute(sa.text(f"DROP TRIGGER wake_relay ON {it.service}.outbox"))
    it.start()
    await asyncio.sleep(0.1)
    await it.emit(1)
    await it.until_effects([1])


async def test_one_notify_is_told_however_many_events_commit_together(it: Chassis) -> None:
    rung: list[str] = []
    connection = await it.database.dsn_connection()
    channel = tables.channel(it.service)
    await connection.add_listener(channel, lambda *told: rung.append(told[-1]))
    await it.emit(*range(20))
    await connection.execute("SELECT pg_notify($1, 'the next')", channel)

    async def next_is_there() -> bool:
        return "the next" in rung

    await until(next_is_there)
    await connection.close()
    assert rung == ["", "the next"]
