"""A registration is emitted with its entries, and built again with every bit when it was lost."""

from datetime import UTC, datetime
from typing import Any

from support.ingest import NOW_S, Ingest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.register.events import SOURCE

FIELD = PACEMAKER.device_field
SINCE = datetime.fromtimestamp(NOW_S - 3_600, UTC)


async def emitted(ingest: Ingest) -> dict[Any, bytes]:
    return {row[0]: bytes(row[1]) for row in await ingest.sql("SELECT id, data FROM ingest.outbox")}


async def test_an_event_has_the_changes_and_nothing_else(ingest: Ingest) -> None:
    await ingest.post([{FIELD: 1, "implanted_at": 5, "lot": "L"}, {FIELD: 2, "lot": "L"}], "devices")
    await ingest.post([{FIELD: 1, "implanted_at": 5, "lot": None, "valid_from": 0}, {FIELD: 2, "lot": "L"}], "devices")
    first, second = await ingest.events("device.registered")
    assert [(one["device_id"], one["attribute"], one["as_text"], one["as_number"]) for one in first["entries"]] == [
        (1, "implanted_at", None, 5),
        (1, "lot", "L", None),
        (2, "lot", "L", None),
    ]
    (withdrawn,) = second["entries"]
    assert (withdrawn["device_id"], withdrawn["attribute"], withdrawn["as_text"]) == (1, "lot", None)
    assert withdrawn["number"] > max(one["number"] for one in first["entries"])
    await ingest.post([{FIELD: 2, "lot": "L"}], "devices")
    assert len(await ingest.events("device.registered")) == 2


async def test_every_event_is_built_again_with_its_id_and_all_its_bits(ingest: Ingest) -> None:
    rows = [{FIELD: device, "implanted_at": device, "lot": f"L{device}"} for device in range(1_500)]
    await ingest.post(rows, "devices")
    await ingest.post([{FIELD: 3, "site": "north", "valid_from": NOW_S}], "devices")
    first, again, after = await emitted(ingest), dict[Any, bytes](), 0
    assert len(first) == 3  # at most 2,000 entries in one
    async with ingest.database.transaction("ingest") as session:
        while sent := await SOURCE.list_sent(session, SINCE, after, 1):
            built = await SOURCE.rebuild(session, sent)
            assert list(built) == [one.event_id for one in sent]
            again |= {event_id: event.model_dump_json().encode() for event_id, event in built.items()}
            after = sent[-1].position
        assert not await SOURCE.list_sent(session, datetime.fromtimestamp(NOW_S + 1, UTC), 0, 9)
    assert again == first
