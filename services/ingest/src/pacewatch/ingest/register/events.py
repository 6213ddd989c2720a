"""Events of registrations: the same whenever they are built, so that lost ones can be published again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from pacewatch.contracts.devices import MAX_ENTRIES_PER_EVENT, AttributeEntry, DeviceRegistered
from pacewatch.ingest.register import repository
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.bus import Queue
from pacewatch.kit.messaging.reconcile import Sent, Source

QUEUE: Final = Queue("inference", "on_device_registered", (DeviceRegistered.type,))


async def events_of(session: Session, number: int) -> dict[UUID, DeviceRegistered]:
    """By id, the events of a registration that is stored."""
    registration_id, recorded_at, rows = await repository.registration(session, number)
    entries = [AttributeEntry.model_construct(**row) for row in rows]
    return {
        _event_id(registration_id, part): DeviceRegistered.model_construct(
            registration_id=registration_id,
            recorded_at=recorded_at,
            entries=entries[part * MAX_ENTRIES_PER_EVENT : (part + 1) * MAX_ENTRIES_PER_EVENT],
        )
        for part in range(_parts(len(entries)))
    }


async def list_sent(session: Session, since: datetime, after: int, limit: int) -> list[Sent]:
    """The events of at most `limit` registrations with numbers above `after`."""
    return [
        Sent(_event_id(registration_id, part), number, number)
        for number, registration_id, entries in await repository.sent_since(session, since, after, limit)
        for part in range(_parts(entries))
    ]


async def rebuild(session: Session, sent: Sequence[Sent]) -> Mapping[UUID, DeviceRegistered]:
    """The events, with the same entries in the same order."""
    wanted, events = {one.event_id for one in sent}, dict[UUID, DeviceRegistered]()
    for number in sorted({one.key for one in sent}):
        events |= await events_of(session, number)
    return {event_id: event for event_id, event in events.items() if event_id in wanted}


SOURCE: Final = Source(QUEUE, list_sent, rebuild, is_ordered=True)


def _event_id(registration_id: UUID, part: int) -> UUID:
    return uuid5(registration_id, f"{DeviceRegistered.type} {part}")


def _parts(entries: int) -> int:
    return -(-entries // MAX_ENTRIES_PER_EVENT)
