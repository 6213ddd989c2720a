"""Keys that the gateway binds to devices or sites, against ingest: what they may not send is rejected and recorded."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from support.ingest import outcome, reading
from support.platform.in_process import InProcess, run_in_process, settings_for
from support.waiting import until

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit import clock

FIELD = PACEMAKER.device_field
SUPERUSER = {
    "PACEWATCH_SUPERUSER_EMAIL": "ada@example.org",
    "PACEWATCH_SUPERUSER_PASSWORD": "correct horse battery",
}
WRITE = ["telemetry:write", "outcomes:write"]


@pytest.fixture(scope="module")
async def process(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcess]:
    settings = settings_for(await new_database(), tmp_path_factory.mktemp("process"))
    async with run_in_process(settings, ["gateway", "ingest"], SUPERUSER) as running:
        yield running


@asynccontextmanager
async def sender(
    process: InProcess, name: str, scopes: Sequence[str], **bound: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a new key."""
    async with process.client() as ada, process.client(None) as client:
        key = (await ada.post("/api-keys", json={"name": name, "scopes": scopes, **bound})).json()
        client.headers["Authorization"] = f"Bearer {key['token']}"
        client.headers["X-Key"] = f"key:{key['id']}"
        yield client


async def recorded(process: InProcess, client: httpx.AsyncClient, count: int) -> dict[str, int]:
    """How often each detail was recorded of this key, once there are so many of them."""
    found: dict[str, int] = {}

    async def all_stored() -> bool:
        async with process.client() as ada:
            query = {"kind": "device_not_allowed", "actor": client.headers["X-Key"]}
            items = (await ada.get("/security-events", params=query)).json()["items"]
        found.update({one["detail"]: one["count"] for one in items})
        return len(found) == count

    await until(all_stored)
    return found


async def test_foreign_devices_are_rejected_and_recorded_at_every_door(process: InProcess) -> None:
    now_s = int(clock.now_s()) - 60
    bound = [{"first": 1, "last": 3}]
    async with sender(process, "ward 7", [*WRITE, "devices:write"], devices=bound) as client:
        rows = [reading(device, now_s) for device in (2, 9, 8, 7, 6)]
        report = (await client.post("/telemetry/ingest", json=rows)).json()
        assert (report["accepted"], report["rejected"]) == (1, 4)
        outcomes = [outcome("explant", now_s, device) for device in (3, 4)]
        report = (await client.post("/outcomes", json=outcomes)).json()
        assert (report["recorded"], report["rejected"]) == (1, 1)

        devices = [{FIELD: device, "site": "North"} for device in (1, 4, 2)] + [{FIELD: 5}]
        report = (await client.post("/devices", json=devices)).json()
        assert (report["changed"], report["unchanged"], report["rejected"]) == (2, 0, 2)
        assert [(one["row"], one["field"], one["code"]) for one in report["errors"]] == [
            (1, FIELD, "device_not_allowed"),
            (3, FIELD, "device_not_allowed"),
        ]
        change = {"reason": "moved", "attributes": {"site": "South"}}
        assert (await client.put("/devices/1", json=change)).status_code == 200
        refused = await client.put("/devices/4", json=change)
        assert (refused.status_code, refused.json()["code"]) == (403, "device_not_allowed")
        assert (await client.get("/devices/1")).status_code == 403

        assert await recorded(process, client, 4) == {
            "POST /api/v1/telemetry/ingest: 6, 7, 8 and 1 more": 4,
            "POST /api/v1/outcomes: 4": 1,
            "POST /api/v1/devices: 4, 5": 2,
            "PUT /api/v1/devices/{device_id}: 4": 1,
        }
    async with process.client() as ada:
        listed = (await ada.get("/devices")).json()["items"]
        assert [one[FIELD] for one in listed] == [1, 2]


async def test_a_key_of_a_site_sends_what_the_register_has_there_at_that_time(process: InProcess) -> None:
    now_s = int(clock.now_s()) - 60
    moved_s = now_s - 3_600
    async with process.client() as ada:
        register = [
            {FIELD: 21, "site": "North"},
            {FIELD: 22, "site": "South"},
            {FIELD: 23, "site": "North"},
            {FIELD: 23, "site": "South", "valid_from": moved_s},
            {FIELD: 24, "lead_model": "A"},
        ]
        assert (await ada.post("/devices", json=register)).json()["rejected"] == 0
    async with sender(process, "North", WRITE, sites=["North", "East"]) as client:
        rows = [reading(device, now_s) for device in (21, 22, 23, 24, 25)] + [reading(23, moved_s - 60)]
        report = (await client.post("/telemetry/ingest", json=rows)).json()
        assert [one["row"] for one in report["errors"]] == [1, 2, 3, 4]
        assert {one["code"] for one in report["errors"]} == {"device_not_allowed"}
        outcomes = [outcome("explant", now_s, 21), outcome("explant", now_s, 23)]
        assert [one["row"] for one in (await client.post("/outcomes", json=outcomes)).json()["errors"]] == [1]
        assert set(await recorded(process, client, 2)) == {
            "POST /api/v1/telemetry/ingest: 22, 23, 24 and 1 more",
            "POST /api/v1/outcomes: 23",
        }
    both = {"devices": [{"first": 22, "last": 30}], "sites": ["North"]}
    async with sender(process, "both", WRITE, **both) as client:
        refused = await client.post("/telemetry/ingest", json=[reading(device, now_s - 1) for device in (21, 22)])
        assert (refused.status_code, refused.json()["rejected"]) == (422, 2)
