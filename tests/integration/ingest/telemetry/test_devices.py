"""Every device is registered once, also if its first batch is rolled back."""

import pytest
from support.ingest import NOW_S, Ingest, reading

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.telemetry import devices, service
from pacewatch.ingest.telemetry.batches import BatchRequest
from pacewatch.ingest.telemetry.checking import check
from pacewatch.ingest.telemetry.rules import rules_of


async def registered(ingest: Ingest) -> int:
    return int((await ingest.get("telemetry/summary"))["devices"])


async def test_a_device_of_a_rolled_back_batch_is_registered_with_the_next(ingest: Ingest) -> None:
    rows = check([reading(1)], rules_of(PACEMAKER), NOW_S)
    request = BatchRequest(b"", Mode.LIVE, "tester", "", None)
    with pytest.raises(ZeroDivisionError):
        async with ingest.database.transaction("ingest") as session:
            await service.store_batch(session, PACEMAKER, request, rows)
            raise ZeroDivisionError
    assert await registered(ingest) == 0
    await ingest.accepted([reading(1)])
    assert await registered(ingest) == 1


async def test_devices_are_registered_once_although_the_cache_is_bounded(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MAX_CACHED", 10)
    for day in range(3):
        for first in (0, 4, 8):
            await ingest.accepted([reading(first + place, NOW_S - day) for place in range(4)])
            assert max(map(len, devices._cache.values())) <= 10
    assert await registered(ingest) == 12
