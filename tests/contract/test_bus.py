"""The promises of `Bus`, tested on every transport."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from support.service_harness import Counted, ServiceHarness, on_counted
from support.waiting import until

from pacewatch.kit.db import Session
from pacewatch.kit.errors import PublishError
from pacewatch.kit.messaging import consumer, inbox
from pacewatch.kit.messaging.bus import Queue, Verdict
from pacewatch.kit.messaging.envelope import Envelope

Handle = Callable[[Counted, Session], Awaitable[None]]


def failing_on(poison: int, fault: dict[str, bool]) -> Handle:
    async def handle(event: Counted, session: Session) -> None:
        if event.n == poison and fault["present"]:
            raise ValueError("poison \ud800\x00")
        await on_counted(event, session)

    return handle


def collecting(into: list[Envelope], verdict: Verdict = Verdict.DONE) -> Callable[[Envelope], Awaitable[Verdict]]:
    async def deliver(envelope: Envelope) -> Verdict:
        into.append(envelope)
        return verdict

    return deliver


async def publish_until_confirmed(harness: ServiceHarness, envelopes: list[Envelope]) -> None:
    """Publish as a relay does: until the bus confirms."""
    while True:
        try:
            return await harness.bus.publish(envelopes)
        except PublishError:
            await asyncio.sleep(0.05)


async def until_dead(harness: ServiceHarness, count: int) -> list[Envelope]:
    async def all_dead() -> bool:
        return len(await harness.bus.dead_letters(harness.queue)) >= count

    await until(all_dead)
    return await harness.bus.dead_letters(harness.queue)


async def test_a_confirmed_event_reaches_every_bound_queue_unchanged(harness: ServiceHarness) -> None:
    taken: dict[str, list[Envelope]] = {handler.queue.name: [] for handler in harness.handlers}
    for handler in harness.handlers:
        harness.run(lambda q=handler.queue: harness.bus.consume(q, collecting(taken[q.name])))  # type: ignore[misc]
    (sent,) = await harness.envelopes(7)
    await publish_until_confirmed(harness, [sent])

    async def all_received() -> bool:
        return all(taken.values())

    await until(all_received)
    assert list(taken.values()) == [[sent], [sent]]


async def test_an_unroutable_event_is_an_error_that_names_the_confirmed_events(harness: ServiceHarness) -> None:
    harness.start()
    fine, unrouted = await harness.envelopes(1, 2)
    unrouted = replace(unrouted, type="test.unrouted")
    await publish_until_confirmed(harness, [fine])
    with pytest.raises(PublishError) as error:
        await harness.bus.publish([unrouted, fine])
    assert error.value.confirmed == {fine.id}


async def test_an_event_delivered_many_times_takes_effect_once(harness: ServiceHarness) -> None:
    harness.consume()
    (one,) = await harness.envelopes(5)
    await publish_until_confirmed(harness, [one, one, one])
    await asyncio.gather(*(publish_until_confirmed(harness, [one]) for _ in range(5)))
    (last,) = await harness.envelopes(6)
    await publish_until_confirmed(harness, [last])
    await harness.until_effects([5, 6])
    await asyncio.sleep(0.2)
    assert await harness.effects() == [5, 6]


async def test_events_take_effect_in_any_order(harness: ServiceHarness) -> None:
    harness.consume()
    sent = await harness.envelopes(*range(40))
    random.Random(3).shuffle(sent)
    await asyncio.gather(*(publish_until_confirmed(harness, sent[i::4]) for i in range(4)))
    await harness.until_effects(range(40))


async def test_a_poison_event_is_dead_lettered_once_within_5_s_and_does_not_block_others(
    harness: ServiceHarness,
) -> None:
    assert sum(consumer.BACK_OFF_S) < 5
    fault = {"present": True}
    harness.start(failing_on(0, fault))
    await harness.emit(99)
    await harness.until_effects([99])
    (poison,) = await harness.emit(0)
    await harness.emit(*range(1, 20))
    await harness.until_effects([99, *range(1, 20)])
    letters = await until_dead(harness, 1)
    await asyncio.sleep(0.3)
    assert [letter.id for letter in letters] == [poison]
    assert [letter.id for letter in await harness.bus.dead_letters(harness.queue)] == [poison]
    assert await harness.waiting() == 0


async def test_a_redelivered_dead_letter_takes_effect_after_the_cause_is_fixed(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01,))
    fault = {"present": True}
    harness.start(failing_on(4, fault))
    (poison,) = await harness.emit(4)
    await until_dead(harness, 1)
    fault["present"] = False
    async with harness.database.transaction(harness.service) as session:
        await inbox.reset_failures(session, harness.queue.handler, poison)
    assert [letter.id for letter in await harness.bus.redeliver(harness.queue)] == [poison]
    await harness.until_effects([4])
    assert await harness.bus.dead_letters(harness.queue) == []
    assert await harness.bus.redeliver(harness.queue) == []


async def test_a_dead_letter_redelivered_too_early_is_dead_lettered_again_once(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", ())
    harness.start(failing_on(4, {"present": True}))
    (poison,) = await harness.emit(4)
    await until_dead(harness, 1)
    assert len(await harness.bus.redeliver(harness.queue)) == 1
    assert [letter.id for letter in await until_dead(harness, 1)] == [poison]


@pytest.mark.parametrize(
    "data", [b"", b"not json", b"[]", b'{"n": NaN}', b'{"n": 1, "more": 2}', b'{"n": "1"}', b"\xff", b"[" * 100_000]
)
async def test_invalid_data_is_dead_lettered_at_once_and_the_queue_continues(
    harness: ServiceHarness, data: bytes
) -> None:
    harness.consume()
    broken, fine = await harness.envelopes(1, 2)
    await publish_until_confirmed(harness, [replace(broken, data=data), fine])
    (letter,) = await until_dead(harness, 1)
    assert (letter.id, letter.data) == (broken.id, data)
    await harness.until_effects([2])


async def test_a_delivery_answered_with_again_is_delivered_again(harness: ServiceHarness) -> None:
    taken: list[Envelope] = []

    async def succeed_at_second_delivery(envelope: Envelope) -> Verdict:
        taken.append(envelope)
        return Verdict.AGAIN if len(taken) == 1 else Verdict.DONE

    harness.consume()
    await harness.stop()
    harness.run(lambda: harness.bus.consume(harness.queue, succeed_at_second_delivery))
    harness.run(lambda: harness.bus.consume(harness.handlers[1].queue, collecting([])))
    (sent,) = await harness.envelopes(3)
    await publish_until_confirmed(harness, [sent])

    async def twice() -> bool:
        return len(taken) >= 2

    await until(twice)
    await asyncio.sleep(0.1)
    assert taken == [sent, sent]
    assert await harness.bus.dead_letters(harness.queue) == []


async def test_two_consumers_share_one_queue_and_each_event_goes_to_one_of_them(harness: ServiceHarness) -> None:
    shares: tuple[list[Envelope], list[Envelope]] = ([], [])
    for share in shares:
        harness.run(lambda share=share: harness.bus.consume(harness.queue, collecting(share)))  # type: ignore[misc]
    harness.run(lambda: harness.bus.consume(harness.handlers[1].queue, collecting([])))
    await asyncio.sleep(0.5)
    sent = await harness.envelopes(*range(60))
    await publish_until_confirmed(harness, sent)

    async def all_received() -> bool:
        return sum(map(len, shares)) >= 60

    await until(all_received)
    assert all(len(share) >= 10 for share in shares)
    assert {one.id for share in shares for one in share} == {one.id for one in sent}


async def test_when_one_of_two_consumers_stops_the_other_gets_all_events(harness: ServiceHarness) -> None:
    first = harness.run(lambda: harness.bus.consume(harness.queue, collecting([])))
    harness.consume()
    await asyncio.sleep(0.3)
    first[0].cancel()
    await asyncio.gather(*first, return_exceptions=True)
    await publish_until_confirmed(harness, await harness.envelopes(*range(10)))
    await harness.until_effects(range(10))


async def test_a_shutdown_while_handlers_run_loses_and_repeats_nothing(harness: ServiceHarness) -> None:
    begun = asyncio.Event()

    async def slow(event: Counted, session: Session) -> None:
        await on_counted(event, session)
        begun.set()
        await asyncio.sleep(0.05)

    harness.start(slow)
    await harness.emit(*range(30))
    await begun.wait()
    await asyncio.sleep(0.1)
    await harness.stop()
    done = await harness.effects()
    assert len(done) < 30
    harness.start()
    await harness.until_effects(range(30))


async def test_events_emitted_before_a_consumer_starts_are_delivered_to_it(
    harness: ServiceHarness,
) -> None:
    harness.run(harness.relay().run)
    await harness.emit(1, 2)
    await asyncio.sleep(0.3)
    harness.consume()
    await harness.until_effects([1, 2])


async def test_dead_letters_are_listed_oldest_first_and_stay(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", ())
    harness.consume()
    sent = [replace(one, data=b"{}") for one in await harness.envelopes(1, 2, 3)]
    for one in sent:
        await publish_until_confirmed(harness, [one])
        await asyncio.sleep(0.05)
    letters = await until_dead(harness, 3)
    assert [letter.id for letter in letters] == [one.id for one in sent]
    assert [letter.id for letter in await harness.bus.dead_letters(harness.queue, limit=2)] == [
        one.id for one in sent[:2]
    ]
    assert len(await harness.bus.dead_letters(harness.queue)) == 3


async def test_publishing_nothing_is_not_an_error(harness: ServiceHarness) -> None:
    await harness.bus.publish([])


async def test_an_unexpected_cancelled_error_is_dead_lettered_and_does_not_block_others(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken connection can raise a CancelledError that nobody requested."""
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01,))

    async def handle(event: Counted, session: Session) -> None:
        if event.n == 0:
            raise asyncio.CancelledError
        await on_counted(event, session)

    harness.start(handle)
    (poison, _) = await harness.emit(0, 1)
    assert [letter.id for letter in await until_dead(harness, 1)] == [poison]
    await harness.until_effects([1])


async def test_an_event_of_an_unknown_type_is_dead_lettered(harness: ServiceHarness) -> None:
    foreign = Queue(harness.queue.service, harness.queue.handler, ("test.foreign",))
    (one,) = await harness.envelopes(1)
    verdict = await harness.consumer().deliver(replace(one, id=uuid4(), type=foreign.types[0]))
    assert verdict is Verdict.DEAD
