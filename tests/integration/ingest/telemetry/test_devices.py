"""Every device is noted once, whatever becomes of the batch it was first heard from in."""

import pytest
from support.ingest import NOW_S, Ingest, reading

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.telemetry import devices, service
from pacewatch.ingest.telemetry.checking import check
from pacewatch.ingest.telemetry.rules import rules_of


async def noted(ingest: Ingest) -> int:
    return int((await ingest.get("telemetry/summary"))["devices"])


async def test_a_device_of_a_batch_that_is_rolled_back_is_noted_with_the_next(ingest: Ingest) -> None:
    good, errors = check([reading(1)], rules_of(PACEMAKER), NOW_S)
    delivery = service.Delivery(b"", Mode.LIVE, "tester", "", None)
    with pytest.raises(ZeroDivisionError):
        async with ingest.database.transaction("ingest") as session:
            await service.store_batch(session, PACEMAKER, delivery, 1, good, errors)
            raise ZeroDivisionError
    assert await noted(ingest) == 0
    await ingest.accepted([reading(1)])
    assert await noted(ingest) == 1


async def test_devices_come_and_go_in_memory_and_are_noted_once(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_REMEMBERED", 10)
    for day in range(3):
        for first in (0, 4, 8):
            await ingest.accepted([reading(first + place, NOW_S - day) for place in range(4)])
            assert max(map(len, devices._remembered.values())) <= 10
    assert await noted(ingest) == 12
