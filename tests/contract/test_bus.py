"""What every transport promises, asked of each of them by the same tests."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from support.chassis import Chassis, Counted, on_counted
from support.waiting import until

from pacewatch.kit import consumer, inbox
from pacewatch.kit.bus import Queue, Verdict
from pacewatch.kit.db import Session
from pacewatch.kit.envelope import Envelope
from pacewatch.kit.errors import PublishError

Handle = Callable[[Counted, Session], Awaitable[None]]


def failing_on(poison: int, cause: dict[str, bool]) -> Handle:
    async def handle(event: Counted, session: Session) -> None:
        if event.n == poison and cause["there"]:
            raise ValueError("poison \ud800\x00")
        await on_counted(event, session)

    return handle


def collecting(into: list[Envelope], verdict: Verdict = Verdict.DONE) -> Callable[[Envelope], Awaitable[Verdict]]:
    async def deliver(envelope: Envelope) -> Verdict:
        into.append(envelope)
        return verdict

    return deliver


async def published(it: Chassis, envelopes: list[Envelope]) -> None:
    """Publish as a relay does: until it is confirmed."""
    while True:
        try:
            return await it.bus.publish(envelopes)
        except PublishError:
            await asyncio.sleep(0.05)


async def until_dead(it: Chassis, count: int) -> list[Envelope]:
    async def there() -> bool:
        return len(await it.bus.dead_letters(it.queue)) >= count

    await until(there)
    return await it.bus.dead_letters(it.queue)


async def test_a_confirmed_event_reaches_every_queue_bound_to_its_type_unchanged(it: Chassis) -> None:
    taken: dict[str, list[Envelope]] = {handler.queue.name: [] for handler in it.handlers}
    for handler in it.handlers:
        it.run(lambda q=handler.queue: it.bus.consume(q, collecting(taken[q.name])))  # type: ignore[misc]
    (sent,) = await it.envelopes(7)
    await published(it, [sent])

    async def everywhere() -> bool:
        return all(taken.values())

    await until(everywhere)
    assert list(taken.values()) == [[sent], [sent]]


async def test_an_event_no_queue_takes_is_an_error_that_tells_which_others_are_safe(it: Chassis) -> None:
    it.start()
    fine, unheard = await it.envelopes(1, 2)
    unheard = replace(unheard, type="test.unheard")
    await published(it, [fine])
    with pytest.raises(PublishError) as error:
        await it.bus.publish([unheard, fine])
    assert error.value.confirmed == {fine.id}


async def test_an_effect_is_committed_once_however_often_the_event_comes(it: Chassis) -> None:
    it.consume()
    (one,) = await it.envelopes(5)
    await published(it, [one, one, one])
    await asyncio.gather(*(published(it, [one]) for _ in range(5)))
    (last,) = await it.envelopes(6)
    await published(it, [last])
    await it.until_effects([5, 6])
    await asyncio.sleep(0.2)
    assert await it.effects() == [5, 6]


async def test_events_take_effect_in_whatever_order_they_come(it: Chassis) -> None:
    it.consume()
    sent = await it.envelopes(*range(40))
    random.Random(3).shuffle(sent)
    await asyncio.gather(*(published(it, sent[i::4]) for i in range(4)))
    await it.until_effects(range(40))


async def test_poison_dies_once_within_five_seconds_and_its_neighbours_are_not_held_up(it: Chassis) -> None:
    assert sum(consumer.BACK_OFF_S) < 5
    cause = {"there": True}
    it.start(failing_on(0, cause))
    await it.emit(99)
    await it.until_effects([99])
    (poison,) = await it.emit(0)
    await it.emit(*range(1, 20))
    await it.until_effects([99, *range(1, 20)])
    letters = await until_dead(it, 1)
    await asyncio.sleep(0.3)
    assert [letter.id for letter in letters] == [poison]
    assert [letter.id for letter in await it.bus.dead_letters(it.queue)] == [poison]
    assert await it.waiting() == 0


async def test_a_dead_letter_takes_effect_when_it_is_replayed_after_the_cause_is_mended(
    it: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01,))
    cause = {"there": True}
    it.start(failing_on(4, cause))
    (poison,) = await it.emit(4)
    await until_dead(it, 1)
    cause["there"] = False
    async with it.database.transaction(it.service) as session:
        await inbox.forgive(session, it.queue.handler, poison)
    assert [letter.id for letter in await it.bus.replay(it.queue)] == [poison]
    await it.until_effects([4])
    assert await it.bus.dead_letters(it.queue) == []
    assert await it.bus.replay(it.queue) == []


async def test_a_letter_replayed_too_early_dies_again_and_is_met_once(
    it: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", ())
    it.start(failing_on(4, {"there": True}))
    (poison,) = await it.emit(4)
    await until_dead(it, 1)
    assert len(await it.bus.replay(it.queue)) == 1
    assert [letter.id for letter in await until_dead(it, 1)] == [poison]


@pytest.mark.parametrize(
    "data", [b"", b"not json", b"[]", b'{"n": NaN}', b'{"n": 1, "more": 2}', b'{"n": "1"}', b"\xff", b"[" * 100_000]
)
async def test_data_that_is_no_event_dies_at_once_and_the_queue_goes_on(it: Chassis, data: bytes) -> None:
    it.consume()
    broken, fine = await it.envelopes(1, 2)
    await published(it, [replace(broken, data=data), fine])
    (letter,) = await until_dead(it, 1)
    assert (letter.id, letter.data) == (broken.id, data)
    await it.until_effects([2])


async def test_a_delivery_that_could_not_be_taken_now_comes_again(it: Chassis) -> None:
    taken: list[Envelope] = []

    async def second_time(envelope: Envelope) -> Verdict:
        taken.append(envelope)
        return Verdict.AGAIN if len(taken) == 1 else Verdict.DONE

    it.consume(other=True)
    await it.stop()
    it.run(lambda: it.bus.consume(it.queue, second_time))
    it.run(lambda: it.bus.consume(it.handlers[1].queue, collecting([])))
    (sent,) = await it.envelopes(3)
    await published(it, [sent])

    async def twice() -> bool:
        return len(taken) >= 2

    await until(twice)
    await asyncio.sleep(0.1)
    assert taken == [sent, sent]
    assert await it.bus.dead_letters(it.queue) == []


async def test_two_consumers_share_one_queue_and_each_event_goes_to_one_of_them(it: Chassis) -> None:
    shares: tuple[list[Envelope], list[Envelope]] = ([], [])
    for share in shares:
        it.run(lambda share=share: it.bus.consume(it.queue, collecting(share)))  # type: ignore[misc]
    it.run(lambda: it.bus.consume(it.handlers[1].queue, collecting([])))
    await asyncio.sleep(0.5)
    sent = await it.envelopes(*range(60))
    await published(it, sent)

    async def all_there() -> bool:
        return sum(map(len, shares)) >= 60

    await until(all_there)
    assert all(len(share) >= 10 for share in shares)
    assert {one.id for share in shares for one in share} == {one.id for one in sent}


async def test_one_of_two_consumers_leaving_leaves_the_queue_to_the_other(it: Chassis) -> None:
    first = it.run(lambda: it.bus.consume(it.queue, collecting([])))
    it.consume()
    await asyncio.sleep(0.3)
    first[0].cancel()
    await asyncio.gather(*first, return_exceptions=True)
    await published(it, await it.envelopes(*range(10)))
    await it.until_effects(range(10))


async def test_a_shutdown_in_the_middle_of_handlers_loses_nothing_and_repeats_nothing(it: Chassis) -> None:
    begun = asyncio.Event()

    async def slow(event: Counted, session: Session) -> None:
        await on_counted(event, session)
        begun.set()
        await asyncio.sleep(0.05)

    it.start(slow)
    await it.emit(*range(30))
    await begun.wait()
    await asyncio.sleep(0.1)
    await it.stop()
    done = await it.effects()
    assert len(done) < 30
    it.start()
    await it.until_effects(range(30))


async def test_what_was_emitted_before_anybody_listened_is_delivered_when_somebody_does(it: Chassis) -> None:
    it.run(it.relay().run)
    await it.emit(1, 2)
    await asyncio.sleep(0.3)
    it.consume()
    await it.until_effects([1, 2])


async def test_looking_at_dead_letters_leaves_them_there_oldest_first(
    it: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "BACK_OFF_S", ())
    it.consume()
    sent = [replace(one, data=b"{}") for one in await it.envelopes(1, 2, 3)]
    for one in sent:
        await published(it, [one])
        await asyncio.sleep(0.05)
    letters = await until_dead(it, 3)
    assert [letter.id for letter in letters] == [one.id for one in sent]
    assert [letter.id for letter in await it.bus.dead_letters(it.queue, limit=2)] == [one.id for one in sent[:2]]
    assert len(await it.bus.dead_letters(it.queue)) == 3


async def test_nothing_to_publish_is_no_error(it: Chassis) -> None:
    await it.bus.publish([])


async def test_a_handler_that_raises_what_nobody_expects_holds_up_nobody(
    it: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CancelledError nobody asked for is what a broken connection can raise."""
    monkeypatch.setattr(consumer, "BACK_OFF_S", (0.01,))

    async def handle(event: Counted, session: Session) -> None:
        if event.n == 0:
            raise asyncio.CancelledError
        await on_counted(event, session)

    it.start(handle)
    (poison, _) = await it.emit(0, 1)
    assert [letter.id for letter in await until_dead(it, 1)] == [poison]
    await it.until_effects([1])


async def test_an_unknown_type_on_a_queue_is_put_aside(it: Chassis) -> None:
    foreign = Queue(it.queue.service, it.queue.handler, ("test.foreign",))
    (one,) = await it.envelopes(1)
    verdict = await it.consumer().deliver(replace(one, id=uuid4(), type=foreign.types[0]))
    assert verdict is Verdict.DEAD
