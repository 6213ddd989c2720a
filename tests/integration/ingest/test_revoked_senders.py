"""A key that is revoked while its body comes stores nothing: all that it sends is refused as soon as that is known."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import sqlalchemy as sa
from support.ingest import reading
from support.platform.in_process import InProcess, run_in_process, settings_for
from support.waiting import until

NewDatabase = Callable[[], Awaitable[str]]
SCOPES = ["telemetry:write", "outcomes:write", "devices:write"]
REVOKED_WITHIN_S = 5
TABLES = ("readings", "batches", "uploads", "outcomes", "attributes", "outbox")


@pytest.fixture(scope="module")
async def platform(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InProcess]:
    folder = tmp_path_factory.mktemp("platform")
    variables = {
        "PACEWATCH_SUPERUSER_EMAIL": "ada@example.org",
        "PACEWATCH_SUPERUSER_PASSWORD": "correct horse battery",
        "PACEWATCH_INGEST_SPOOL_DIR": str(folder / "spool"),
    }
    settings = settings_for(await new_database(), folder)
    async with run_in_process(settings, ["gateway", "ingest"], variables) as process:
        yield process


OLD = reading(timestamp_s=1_700_000_000)
BODIES = {
    "POST telemetry/uploads?format=ndjson&mode=backfill": json.dumps(OLD),
    "POST telemetry/ingest?mode=backfill": json.dumps([OLD]),
    "POST outcomes": json.dumps([{"patient_id": 1, "kind": "explant", "occurred_at": 1_700_000_000}]),
    "POST devices": json.dumps([{"patient_id": 1}]),
    "PUT devices/1": json.dumps({"reason": "a slip"}),
}


@pytest.mark.parametrize("route", BODIES)
async def test_a_body_that_is_under_way_when_its_key_is_revoked_is_refused(platform: InProcess, route: str) -> None:
    (method, path), body = route.split(), BODIES[route].encode()
    revoked = asyncio.Event()
    async with platform.client() as ada, platform.client(None) as device:
        key = (await ada.post("/api-keys", json={"name": route, "scopes": SCOPES})).json()
        device.headers["Authorization"] = f"Bearer {key['token']}"

        async def slowly() -> AsyncIterator[bytes]:
            yield body[:9]
            await revoked.wait()
            yield body[9:]

        headers = {"Content-Type": "application/json"}
        sending = asyncio.create_task(device.request(method, f"/{path}", content=slowly(), headers=headers))
        await asyncio.sleep(0.5)
        assert (await ada.delete(f"/api-keys/{key['id']}")).status_code == 204

        async def is_refused_elsewhere() -> bool:
            return (await device.get("/clock")).status_code == 401

        await until(is_refused_elsewhere, timeout_s=REVOKED_WITHIN_S)
        revoked.set()
        answer = await sending
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    async with platform.database.transaction("ingest") as session:
        counts = [await session.scalar(sa.text(f"SELECT count(*) FROM ingest.{table}")) for table in TABLES]
    assert counts == [0] * len(TABLES)


async def test_a_long_upload_ends_before_its_last_byte(platform: InProcess) -> None:
    async with platform.client() as ada:
        key = (await ada.post("/api-keys", json={"name": "long", "scopes": SCOPES})).json()
        port = int(platform.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = "POST /api/v1/telemetry/uploads?format=csv HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
        writer.write(f"{head}Authorization: Bearer {key['token']}\r\n\r\n".encode())
        answer = asyncio.create_task(reader.readline())
        for _ in range(10):
            writer.write(b"x")
            await asyncio.sleep(0.05)
        assert not answer.done()
        await ada.delete(f"/api-keys/{key['id']}")
        async with asyncio.timeout(REVOKED_WITHIN_S):
            while not answer.done():
                writer.write(b"x")
                await asyncio.sleep(0.05)
        writer.close()
    assert (await answer).startswith(b"HTTP/1.1 401 ")
