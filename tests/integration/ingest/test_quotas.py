"""What one sender may send: rows and bytes a day, uploads at a time, and what must stay free on the disk."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from support.ingest import Ingest, reading
from support.ingest.uploads import columns, encoded
from support.platform.in_process import InProcess, run_in_process, settings_for
from support.waiting import until

from pacewatch.ingest.errors import QuotaExceeded
from pacewatch.ingest.senders import quotas as own_quotas
from pacewatch.ingest.senders.quotas import Quotas
from pacewatch.ingest.settings import IngestSettings

NewDatabase = Callable[[], Awaitable[str]]
DAY_S = 86_400


async def post(platform: InProcess, path: str, body: bytes, name: str = "one@example.org") -> httpx.Response:
    async with platform.client(name=name) as client:
        return await client.post(path, content=body, headers={"Content-Type": "application/json"})


async def test_a_day_s_rows_are_counted_over_processes_and_by_sender(ingest: Ingest) -> None:
    await ingest.sql("DELETE FROM ingest.sender_days")
    one, two = (Quotas(IngestSettings(quota_rows_per_day=100)) for _ in range(2))
    one.add("a", rows=60, size_bytes=1_000)
    two.add("a", rows=39)
    two.add("b", rows=1)
    for quotas in (one, two, one, two):
        async with ingest.database.transaction("ingest") as session:
            await quotas.exchange(session)
        quotas.check("a")
    one.add("a", rows=1)
    two.check("a")
    with pytest.raises(QuotaExceeded) as refused:
        one.check("a")
    assert 0 < refused.value.retry_after_s <= DAY_S
    one.check("b")
    stored = await ingest.sql("SELECT sender, rows, bytes FROM ingest.sender_days ORDER BY 1")
    assert [tuple(row) for row in stored] == [("a", 99, 1_000), ("b", 1, 0)]


async def test_a_failed_exchange_loses_no_count(ingest: Ingest) -> None:
    quotas = Quotas(IngestSettings(quota_gib_per_day=1))
    quotas.add("c", size_bytes=2**30)
    await ingest.sql("ALTER TABLE ingest.sender_days RENAME TO elsewhere")
    try:
        with pytest.raises(Exception, match="sender_days"):
            async with ingest.database.transaction("ingest") as session:
                await quotas.exchange(session)
    finally:
        await ingest.sql("ALTER TABLE ingest.elsewhere RENAME TO sender_days")
    with pytest.raises(QuotaExceeded, match="bytes"):
        quotas.check("c")


async def test_too_much_is_refused_with_a_code_and_when_to_come_back(new_database: NewDatabase, tmp_path: Path) -> None:
    variables = {
        "PACEWATCH_INGEST_QUOTA_ROWS_PER_DAY": "3",
        "PACEWATCH_INGEST_OPEN_UPLOADS_PER_SENDER": "1",
        "PACEWATCH_INGEST_SPOOL_DIR": str(tmp_path / "spool"),
    }
    rows = encoded({name: [value] for name, value in reading(timestamp_s=1_700_000_000).items()}, "ndjson")
    async with run_in_process(settings_for(await new_database(), tmp_path), ["ingest"], variables) as platform:
        for device in range(3):
            assert (await post(platform, "telemetry/ingest", b"[" + rows + b"]")).status_code == 200, device
        for path in ("telemetry/ingest", "telemetry/uploads?format=ndjson"):
            refused = await post(platform, path, b"[" + rows + b"]")
            assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded")
            assert 0 < int(refused.headers["Retry-After"]) <= DAY_S
        large = encoded(columns(60_000), "csv")
        path = "telemetry/uploads?format=csv&mode=backfill"
        first, second = [await post(platform, path, large, "two@example.org") for _ in range(2)]
        assert first.status_code == 202
        assert (second.status_code, second.json()["code"]) == (429, "too_many_uploads")
        assert second.headers["Retry-After"] == "30"
        assert (await post(platform, path, large, "three@example.org")).status_code == 202


async def test_an_upload_that_would_fill_the_disk_is_a_507_and_leaves_nothing(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    variables = {
        "PACEWATCH_INGEST_SPOOL_FREE_MIB": "1048576",
        "PACEWATCH_INGEST_SPOOL_DIR": str(tmp_path / "spool"),
    }
    async with run_in_process(settings_for(await new_database(), tmp_path), ["ingest"], variables) as platform:
        refused = await post(platform, "telemetry/uploads?format=csv", b"x" * 1_000)
    assert (refused.status_code, refused.json()["code"]) == (507, "spool_full")
    assert "room" in refused.json()["detail"]
    assert not list((tmp_path / "spool").iterdir())


@pytest.mark.parametrize("path", ["telemetry/uploads?format=csv", "telemetry/ingest"])
async def test_bytes_of_a_body_that_is_never_complete_count(
    new_database: NewDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(own_quotas, "SHARE_EVERY_S", 0.1)
    variables = {"PACEWATCH_INGEST_SPOOL_DIR": str(tmp_path / "spool")}
    async with run_in_process(settings_for(await new_database(), tmp_path), ["ingest"], variables) as platform:
        async with platform.client() as client:
            authorization = client.headers["Authorization"]
        _, writer = await asyncio.open_connection("127.0.0.1", int(platform.url.rpartition(":")[2]))
        head = f"POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n"
        writer.write(f"{head}Content-Length: 1000000\r\n\r\n".encode() + b"x" * 300_000)
        await writer.drain()

        async def are_counted() -> bool:
            async with platform.database.transaction("ingest") as session:
                return await session.scalar(sa.text("SELECT sum(bytes) FROM ingest.sender_days")) == 300_000

        await until(are_counted, timeout_s=20)
        writer.close()
