"""Reading stored data: the audit, the summary, the readings of a device, and the newest of the fleet."""

import csv
import io
from datetime import datetime
from uuid import uuid4

import pytest
from support.ingest import NOW_S, Ingest, reading, stand_at

from pacewatch.contracts.http.times import iso
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest import audit
from pacewatch.ingest.telemetry.schemas import stored_readings_model

FIELD = PACEMAKER.device_field


async def test_the_audit_has_the_sender_and_the_result_of_each_batch(ingest: Ingest) -> None:
    await ingest.post(
        [reading(1), reading(2, NOW_S - 9), {}], **{"X-Correlation-Id": "nightly", "Idempotency-Key": "k"}
    )
    await ingest.post([reading(1)], "telemetry/ingest?mode=backfill")
    page = await ingest.get("telemetry/batches", page=1, size=1)
    assert (page["total"], [batch["mode"] for batch in page["items"]]) == (2, ["backfill"])
    (first,) = (await ingest.get("telemetry/batches", page=2, size=1))["items"]
    assert await ingest.get(f"telemetry/batches/{first['batch_id']}") == first
    expected = {
        "actor": "superuser", "address": "127.0.0.1", "correlation_id": "nightly", "mode": "live",
        "received": 3, "accepted": 2, "duplicates": 0, "rejected": 1, "codes": {"missing": 6},
        "first_reading_at": iso(NOW_S - 9), "last_reading_at": iso(NOW_S), "idempotency_key": "k",
    }  # fmt: skip
    assert {name: first[name] for name in expected} == expected


async def send_various_batches(ingest: Ingest) -> None:
    """Send four batches a day apart: live, with a reject, as backfill, by another actor."""
    await ingest.post([reading(1)], **{"X-Correlation-Id": "nightly"})
    stand_at(1)
    await ingest.post([reading(2), {}], **{"X-Correlation-Id": "nightly"})
    stand_at(2)
    await ingest.post([reading(3)], "telemetry/ingest?mode=backfill")
    stand_at(3)
    await ingest.post([reading(4)])
    await ingest.sql("UPDATE ingest.batches SET actor = 'ada' WHERE received_at > to_timestamp(:at)", at=at_day(3) - 1)


def at_day(days: int) -> int:
    return NOW_S + days * 86_400


@pytest.mark.parametrize(
    ("filters", "days"),
    [
        ({}, [3, 2, 1, 0]),
        ({"actor": "superuser"}, [2, 1, 0]),
        ({"actor": "nobody"}, []),
        ({"mode": "backfill"}, [2]),
        ({"correlation_id": "nightly"}, [1, 0]),
        ({"with_rejects": "true"}, [1]),
        ({"received_from": at_day(1), "received_before": at_day(3)}, [2, 1]),
        ({"actor": "superuser", "mode": "live", "received_from": at_day(1)}, [1]),
    ],
)
async def test_the_audit_is_filtered_by_sender_mode_correlation_time_and_rejects(
    ingest: Ingest, filters: dict[str, str | int], days: list[int]
) -> None:
    await send_various_batches(ingest)
    page = await ingest.get("telemetry/batches", **filters)
    received = [datetime.fromisoformat(batch["received_at"]).timestamp() for batch in page["items"]]
    assert (page["total"], received) == (len(days), [at_day(day) for day in days])


async def test_the_audit_counts_up_to_its_limit(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_COUNTED", 3)
    await send_various_batches(ingest)
    page = await ingest.get("telemetry/batches", page=4, size=1)
    assert (page["total"], len(page["items"])) == (3, 1)


async def test_an_unknown_batch_is_404(ingest: Ingest) -> None:
    answer = await ingest.client.get(f"/api/v1/telemetry/batches/{uuid4()}", headers=ingest.bearer())
    assert (answer.status_code, answer.json()["code"]) == (404, "batch_not_found")


async def test_the_summary_counts_rows_and_devices(ingest: Ingest) -> None:
    empty = await ingest.get("telemetry/summary")
    assert (empty["rows"], empty["devices"], empty["first_reading_at"]) == (0, 0, None)
    await ingest.accepted([reading(device, NOW_S - day * 86_400) for device in (2, 7, 9) for day in (0, 400)])
    await ingest.accepted([reading(7), reading(7, NOW_S - 5)])
    summary = await ingest.get("telemetry/summary")
    assert (summary["rows"], summary["devices"], summary["rows_today"], summary["batches"]) == (7, 3, 7, 2)
    assert (summary["first_reading_at"], summary["last_reading_at"]) == (iso(NOW_S - 400 * 86_400), iso(NOW_S))


async def test_readings_of_a_device_are_the_newest_within_bounds_oldest_first(ingest: Ingest) -> None:
    await ingest.accepted([reading(device, NOW_S - ago) for device in (1, 2) for ago in range(10)])
    path = "telemetry/devices/1/readings"
    items = (await ingest.get(path, **{"from": NOW_S - 8, "to": iso(NOW_S - 1)}, limit=3))["items"]
    assert [item["timestamp"] for item in items] == [NOW_S - 3, NOW_S - 2, NOW_S - 1]
    assert items[0]["signals"] == {name: reading()[name] for name in PACEMAKER.signal_names}
    assert (items[0][FIELD], items[0]["label"]) == (1, "unresolved")
    assert (await ingest.get("telemetry/devices/3/readings"))["items"] == []


async def test_recent_readings_are_the_newest_of_the_fleet_across_batches(ingest: Ingest) -> None:
    assert (await ingest.get("telemetry/recent"))["items"] == []
    await ingest.accepted([reading(1, NOW_S - 2), reading(2, NOW_S - 5)])
    await ingest.accepted([reading(3, NOW_S - 1)])
    await ingest.accepted([reading(4, NOW_S - 3), reading(5, NOW_S - 90)])
    items = (await ingest.get("telemetry/recent", limit=4))["items"]
    assert [item[FIELD] for item in items] == [3, 1, 4, 2]


@pytest.mark.parametrize("path", ["telemetry/recent", "telemetry/devices/7/readings"])
async def test_stored_readings_have_the_documented_shape_and_exact_values(ingest: Ingest, path: str) -> None:
    exact = dict(zip(PACEMAKER.signal_names, (-1 / 3, 0.1 + 0.2, 5e-324, 1.7e308), strict=True))
    columns = ", ".join(f'"{name}" = {value!r}' for name, value in exact.items())
    await ingest.accepted([reading(7, NOW_S - 2 * 86_400), reading(7)])
    await ingest.sql(f"UPDATE ingest.readings SET {columns}, label = 'positive' WHERE timestamp_s < {NOW_S}")
    answer = await ingest.client.get(f"/api/v1/{path}", headers=ingest.bearer())
    assert answer.headers["content-type"] == "application/json"
    model = stored_readings_model(PACEMAKER).model_validate_json(answer.content, strict=True)
    assert model.model_dump(mode="json") == answer.json()
    (late,) = (item for item in answer.json()["items"] if item["timestamp"] < NOW_S)
    assert late == {
        FIELD: 7, "timestamp": NOW_S - 2 * 86_400, "measured_at": iso(NOW_S - 2 * 86_400),
        "signals": exact, "label": "positive", "late": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "telemetry/devices/-1/readings",
        f"telemetry/devices/{2**63}/readings",
        "telemetry/devices/1/readings?from=-1",
        "telemetry/devices/1/readings?limit=0",
        "telemetry/devices/x/readings",
        "telemetry/recent?limit=5001",
        "telemetry/batches?page=0",
        "telemetry/batches?size=201",
        "telemetry/batches/%00",
        "telemetry/batches?actor=%00",
        "telemetry/batches?mode=dead",
        f"telemetry/batches?received_from={2**50}",
        "telemetry/uploads?correlation_id=%00",
        "connectivity?state=gone",
        "outcomes?device_id=-1",
        "outcomes?kind=%00",
        "telemetry/batches?page=1000000000000",
    ],
)
async def test_parameters_out_of_bounds_are_422(ingest: Ingest, path: str) -> None:
    answer = await ingest.client.get(f"/api/v1/{path}", headers=ingest.bearer())
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


async def test_reading_needs_a_token(ingest: Ingest) -> None:
    for path in ("telemetry/batches", "telemetry/summary", "telemetry/recent", "outcomes", "labels/summary"):
        assert (await ingest.client.get(f"/api/v1/{path}")).status_code == 401


@pytest.mark.parametrize("path", ["telemetry/recent", "telemetry/devices/7/readings"])
async def test_readings_are_exported_as_a_table(ingest: Ingest, path: str) -> None:
    await ingest.accepted([reading(7, NOW_S - 5)])
    answer = await ingest.client.get(f"/api/v1/{path}?format=csv", headers=ingest.bearer())
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    (item,) = (await ingest.get(path))["items"]
    assert row == {
        **{name: str(item[name]) for name in (PACEMAKER.device_field, "timestamp", "measured_at", "label")},
        **{name: str(item["signals"][name]) for name in PACEMAKER.signal_names},
        "late": "false",
    }
    assert row["measured_at"] == iso(NOW_S - 5)
