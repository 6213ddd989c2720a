"""The HTTP API of inference, with its bus and loops running."""

import csv
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from support.inference.harness import at_day, batch
from support.inference.models import DYING, HEALTHY, START_S, Packed, activated, pack
from support.platform.in_process import InProcess, run_in_process
from support.waiting import until

from pacewatch.contracts.accounts import Role
from pacewatch.contracts.http.times import iso
from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.kit.http.operations import create_operations_app
from pacewatch.kit.settings import KitSettings

pytestmark = pytest.mark.servers

DEVICES = 12
BASE_RATE = 0.02
SILENT = 77  # has sent nothing for eleven days


@dataclass(frozen=True)
class Fleet:
    process: InProcess
    client: httpx.AsyncClient
    model: Packed


@pytest.fixture(scope="module")
async def running(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[InProcess, KitSettings]]:
    folder = tmp_path_factory.mktemp("inference")
    settings = KitSettings(
        database_url=await new_database(), secrets_dir=folder / "secrets", artifact_url=f"file://{folder / 'models'}"
    )
    with at_day(41):
        async with run_in_process(settings, ["inference"]) as process:
            yield process, settings


@pytest.fixture(scope="module")
async def fleet(running: tuple[InProcess, KitSettings]) -> AsyncIterator[Fleet]:
    """Twelve devices with history, of which device 3 is failing, and a model activated after their last readings."""
    process, settings = running
    async with process.client(Role.VIEWER) as client:
        response = await client.post("/predict", json={"readings": [reading(1, HEALTHY)]})
        assert (response.status_code, response.json()["code"]) == (409, "no_active_model")
        history = [(device, day, HEALTHY) for device in range(DEVICES) for day in range(40)]
        newest = [(device, 40, DYING if device == 3 else HEALTHY) for device in range(DEVICES)]
        model = await pack(settings, datetime(2026, 1, 1, tzinfo=UTC), metrics={"base_rate": BASE_RATE})
        silent = [(SILENT, day, DYING) for day in range(30)]

        async def all_stored() -> bool:
            return (await client.get("/risk/summary")).json()["unscored"] == DEVICES

        await process.publish(batch(*history, mode=Mode.BACKFILL), service="inference")
        await until(all_stored)  # a reading that is handled first would have no level yet
        await process.publish(batch(*newest), batch(*silent), service="inference")
        await process.publish(activated(model), service="inference")

        async def all_scored() -> bool:
            return (await client.get("/risk", params={"silent": True})).json()["total"] == DEVICES + 1

        await until(all_scored)
        yield Fleet(process, client, model)


def reading(device: int, values: tuple[float, ...], day: int = 40) -> dict[str, float]:
    row = dict(zip(PACEMAKER.signal_names, values, strict=True))
    return row | {PACEMAKER.device_field: device, "timestamp": START_S + day * SECONDS_PER_DAY}


async def test_the_risk_list_is_sorted_paged_and_filtered(fleet: Fleet) -> None:
    first = (await fleet.client.get("/risk", params={"size": 5})).raise_for_status().json()
    second = (await fleet.client.get("/risk", params={"size": 5, "page": 2})).raise_for_status().json()
    assert (first["total"], first["page"], first["size"], len(first["items"])) == (DEVICES, 1, 5, 5)
    risks = [item["risk"] for item in first["items"] + second["items"]]
    assert risks == sorted(risks, reverse=True)
    top = first["items"][0]
    assert (top[PACEMAKER.device_field], top["level"], top["model_version"]) == (3, "high", fleet.model.version)
    assert tuple(top["signals"].values()) == DYING
    assert {factor["signal"] for factor in top["factors"]} >= {"capture_threshold_v"}
    assert set(top["contributions"]) == {*PACEMAKER.signal_names, "other"}
    assert (top["decided_by"], top["relative_risk"]) == ("model", pytest.approx(top["risk"] / BASE_RATE))
    assert (await fleet.client.get("/risk", params={"level": "high"})).json()["total"] == 1


async def test_a_silent_device_is_listed_only_on_request(fleet: Fleet) -> None:
    listed = (await fleet.client.get("/risk", params={"size": 50})).raise_for_status().json()
    assert SILENT not in {item[PACEMAKER.device_field] for item in listed["items"]}
    with_silent = (await fleet.client.get("/risk", params={"size": 50, "silent": True})).raise_for_status().json()
    assert SILENT in {item[PACEMAKER.device_field] for item in with_silent["items"]}
    assert (await fleet.client.get("/risk/summary")).json()["silent"] == 1


async def test_the_summary_counts_the_fleet(fleet: Fleet) -> None:
    summary = (await fleet.client.get("/risk/summary")).raise_for_status().json()
    assert (summary["levels"]["high"], sum(summary["levels"].values())) == (1, DEVICES)
    assert (summary["model_version"], summary["threshold"], summary["open_episodes"]) == (fleet.model.version, 0.3, 1)
    assert (summary["moves"], summary["unscored"], summary["not_enough_history"]) == (None, 0, 0)


async def test_a_device_has_its_episode_and_history(fleet: Fleet) -> None:
    failing = (await fleet.client.get("/risk/3")).raise_for_status().json()
    assert (failing["level"], failing["episode"]["kind"], len(failing["history"])) == ("high", "failure_risk", 1)
    healthy = (await fleet.client.get("/risk/4")).raise_for_status().json()
    assert (healthy["episode"], healthy["missing"]) == (None, ["days_since_implanted_at"])
    missing = await fleet.client.get("/risk/4711")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_device")


async def test_risks_are_exported_as_a_table_in_the_order_of_the_list(fleet: Fleet) -> None:
    answer = await fleet.client.get("/risk", params={"format": "csv", "size": 1})
    table = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    items = (await fleet.client.get("/risk", params={"size": 100})).json()["items"]
    assert [int(row[PACEMAKER.device_field]) for row in table] == [item[PACEMAKER.device_field] for item in items]
    assert float(table[0]["lead_impedance_ohms"]) == items[0]["signals"]["lead_impedance_ohms"]
    assert table[0]["factors"] == "; ".join(factor["text"] for factor in items[0]["factors"])
    assert table[0]["measured_at"] == items[0]["measured_at"] == iso(items[0]["timestamp"])
    assert table[0]["level"] == "high"


async def test_predictions_are_paged_and_bounded_in_time(fleet: Fleet) -> None:
    query = {"device_id": 3, "from": START_S + 40 * SECONDS_PER_DAY, "to": START_S + 40 * SECONDS_PER_DAY}
    page = (await fleet.client.get("/predictions", params=query)).raise_for_status().json()
    assert (page["total"], page["items"][0]["revision"], page["items"][0]["superseded_at"]) == (1, 0, None)
    later = query | {"from": query["from"] + 1, "to": query["to"] + 2}
    assert (await fleet.client.get("/predictions", params=later)).json()["total"] == 0


async def test_predict_scores_each_devices_newest_reading_and_stores_nothing(fleet: Fleet) -> None:
    rows = [reading(900, HEALTHY, day) for day in range(40)] + [reading(900, DYING), reading(901, HEALTHY)]
    scored = (await fleet.client.post("/predict", json={"readings": rows})).raise_for_status().json()
    assert [item[PACEMAKER.device_field] for item in scored["items"]] == [900, 901]
    stored = (await fleet.client.get("/risk/3")).json()
    assert scored["items"][0]["risk"] == pytest.approx(stored["risk"])
    assert scored["items"][0]["timestamp"] == START_S + 40 * SECONDS_PER_DAY
    assert [(item["level"], item["no_level"]) for item in scored["items"]] == [
        ("high", None),
        (None, "not_enough_history"),
    ]
    assert "not enough history" in scored["items"][1]["no_level_text"]
    assert scored["items"][0]["missing"] == ["days_since_implanted_at"]  # nothing is registered
    assert "lead_impedance_ohms_rolling_mean_3d" in scored["items"][1]["missing"]
    assert (await fleet.client.get("/risk/900")).status_code == 404


async def test_predict_obeys_hard_limits_without_any_history(fleet: Fleet) -> None:
    rows = [reading(902, HEALTHY), reading(903, (*HEALTHY[:1], 5.0, *HEALTHY[2:3], 2.5))]
    scored = (await fleet.client.post("/predict", json={"readings": rows})).raise_for_status().json()["items"]
    levels = [(item[PACEMAKER.device_field], item["level"], item["decided_by"]) for item in scored]
    assert levels == [(903, "high", "limit"), (902, None, None)]
    assert scored[0]["factors"][0]["text"] == "battery voltage 2.50 V; elective replacement at 2.63 V or under"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"timestamp": 0}, "timestamp_implausible"),
        ({"timestamp": 2**53 - 1}, "timestamp_implausible"),
        ({"timestamp": 2**63}, "validation_failed"),
        ({PACEMAKER.signal_names[0]: "650"}, "validation_failed"),
        ({"unknown": 1}, "validation_failed"),
    ],
)
async def test_implausible_readings_are_refused(fleet: Fleet, change: dict[str, object], code: str) -> None:
    response = await fleet.client.post("/predict", json={"readings": [reading(1, HEALTHY) | change]})
    assert (response.status_code, response.json()["code"]) == (422, code)


_KEYS = ",".join(f'"{n:x}": 1' for n in range(50_000))
_ROW = ",".join(f'"{n:x}": 1' for n in range(20))
COSTLY = {
    "keys of the body": f"{{{_KEYS}}}",
    "keys of a reading": f'{{"readings": [{{{_KEYS}}}]}}',
    "keys of all readings": f'{{"readings": [{",".join([f"{{{_ROW}}}"] * 2_000)}]}}',
    "empty readings": f'{{"readings": [{",".join(["{}"] * 2_000)}]}}',
}


@pytest.mark.parametrize("name", COSTLY)
async def test_a_body_of_many_errors_costs_no_more_than_one_of_readings(fleet: Fleet, name: str) -> None:
    began_s = time.process_time()
    response = await fleet.client.post("/predict", content=COSTLY[name], headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")
    assert time.process_time() - began_s < 0.3


async def test_predict_takes_the_most_readings_that_a_request_may_have(fleet: Fleet) -> None:
    rows = [reading(device, HEALTHY) for device in range(2_000)]
    body = json.dumps({"readings": rows}, indent=1)
    assert len(body) > 2**18
    headers = {"Content-Type": "application/json"}
    assert len((await fleet.client.post("/predict", content=body, headers=headers)).json()["items"]) == 2_000
    assert (await fleet.client.post("/predict", content=" " * 2**20, headers=headers)).status_code == 413


async def test_two_readings_of_one_second_are_refused(fleet: Fleet) -> None:
    response = await fleet.client.post("/predict", json={"readings": [reading(1, HEALTHY), reading(1, DYING)]})
    assert (response.status_code, response.json()["code"]) == (422, "duplicate_reading")
    assert response.json()["errors"][0]["field"] == "readings.1.timestamp"


@pytest.mark.parametrize(
    "path",
    ["/risk?page=0", "/risk?size=201", "/risk?level=red", "/risk/-1", "/risk/1E+15", "/risk/%00", "/predictions",
     "/predictions?device_id=1&from=-1", "/predictions?device_id=-1", "/predictions?device_id=nan",
     "/risk/late-findings?device_id=-1"],
)  # fmt: skip
async def test_parameters_out_of_bounds_are_refused(fleet: Fleet, path: str) -> None:
    assert (await fleet.client.get(path)).status_code == 422


@pytest.mark.parametrize(
    "path", ["/risk", "/risk/summary", "/risk/late-findings", "/risk/3", "/predictions?device_id=3"]
)
async def test_a_token_with_the_scope_fleet_read_is_required(fleet: Fleet, path: str) -> None:
    async with fleet.process.client(None) as anonymous, fleet.process.client(scopes=["users:manage"]) as user_manager:
        assert (await anonymous.get(path)).status_code == 401
        assert (await user_manager.get(path)).status_code == 403


async def test_the_metrics_name_the_active_model(fleet: Fleet) -> None:
    operations = httpx.ASGITransport(create_operations_app(fleet.process.server.config.app))
    async with httpx.AsyncClient(transport=operations, base_url="http://operations") as client:
        text = (await client.get("/metrics")).text
    assert f'pacewatch_active_model{{version="{fleet.model.version}"}} 1.0' in text


async def test_late_findings_are_listed_by_device(fleet: Fleet) -> None:
    device = DEVICES + 1

    async def scored() -> bool:
        return (await fleet.client.get(f"/risk/{device}")).status_code == 200

    async def listed() -> bool:
        return (await fleet.client.get("/risk/late-findings", params={"device_id": device})).json()["total"] == 1

    history = batch(*((device, day, HEALTHY) for day in range(38)), mode=Mode.BACKFILL)
    await fleet.process.publish(history, batch((device, 40, HEALTHY)), service="inference")
    await until(scored)
    await fleet.process.publish(batch((device, 38, DYING)), service="inference")
    await until(listed)
    listed_of = {item[PACEMAKER.device_field]: item for item in await findings(fleet)}
    (one,) = await findings(fleet, device_id=device)
    assert listed_of[device] == one
    assert (one[PACEMAKER.device_field], one["timestamp"]) == (device, START_S + 38 * SECONDS_PER_DAY)
    assert (one["alert_id"] is None) == (one["hours_earlier"] is None)
    assert await findings(fleet, device_id=5) == []


async def test_a_device_at_a_hard_limit_is_listed_before_all_that_are_not_high(fleet: Fleet) -> None:
    device, riskier = DEVICES + 2, DEVICES + 3  # the second without a level

    async def scored() -> bool:
        found = [await fleet.client.get(f"/risk/{one}") for one in (device, riskier)]
        return all(response.status_code == 200 for response in found)

    history = batch(*((device, day, HEALTHY) for day in range(40)), mode=Mode.BACKFILL)
    newest = batch((device, 40, (*HEALTHY[:3], 2.6)), (riskier, 40, DYING))
    await fleet.process.publish(history, newest, service="inference")
    await until(scored)
    listed = (await fleet.client.get("/risk", params={"size": 50})).raise_for_status().json()["items"]
    levels = [item["level"] for item in listed]
    assert levels == sorted(levels, key=["high", "elevated", "normal", None].index)
    (limited,) = [item for item in listed if item[PACEMAKER.device_field] == device]
    assert (limited["level"], limited["decided_by"]) == ("high", "limit")
    (other,) = [item for item in listed if item[PACEMAKER.device_field] == riskier]
    assert (other["level"], other["risk"] > limited["risk"]) == (None, True)


async def findings(fleet: Fleet, **query: int) -> list[Any]:
    found: list[Any] = (await fleet.client.get("/risk/late-findings", params=query)).json()["items"]
    return found
