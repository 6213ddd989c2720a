"""`pacewatch devices import` sends a file in parts, and fails if any row was rejected."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from support.platform.in_process import InProcess, run_in_process, settings_for

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.launcher.client.connection import Connection
from pacewatch.launcher.client.devices import import_devices
from pacewatch.launcher.errors import UploadError

HEADER = "patient_id,implanted_at,site"


@pytest.fixture
async def platform(new_database: Callable[[], Awaitable[str]], tmp_path: Path) -> AsyncIterator[InProcess]:
    async with run_in_process(settings_for(await new_database(), tmp_path), ["ingest"], {}) as running:
        yield running


async def send(platform: InProcess, file: Path) -> tuple[bool, str]:
    scopes, console = SCOPES_BY_ROLE[Role.ENGINEER], Console(file=io.StringIO(), record=True)
    token = platform.signer.sign("test", role=Role.ENGINEER, scopes=scopes, lifetime=timedelta(minutes=5))
    good = await asyncio.to_thread(import_devices, file, "go-live", Connection(platform.url, token, "", ""), console)
    return good, console.export_text()


async def test_a_long_file_is_sent_in_parts_and_its_rows_are_counted_from_its_start(
    platform: InProcess, tmp_path: Path
) -> None:
    file = tmp_path / "devices.csv"
    lines = [f'{device},2020-01-01,"north, hall ""{device}"""' for device in range(4_100)]
    lines[4_050] = "4050,yesterday,"
    file.write_text("\n".join([HEADER, *lines]))
    good, output = await send(platform, file)
    assert not good
    assert "4,099 changed, 0 unchanged, 1 rejected" in output
    assert "row 4050: implanted_at must be whole Unix seconds, or ISO 8601" in output
    lines[4_050] = "4050,2020-01-01,"
    file.write_text("\n".join([HEADER, *lines]))
    assert await send(platform, file) == (True, "1 changed, 4,099 unchanged, 0 rejected\n")
    async with platform.client() as client:
        device = (await client.get("/devices/17")).json()
        assert device["attributes"] == {"implanted_at": "2020-01-01T00:00:00Z", "site": 'north, hall "17"'}
        history = (await client.get("/devices/17/history")).json()["items"]
        assert {(one["actor"], one["reason"]) for one in history} == {("test", "go-live")}


async def test_a_file_that_is_none_of_devices_is_refused_with_the_reason(platform: InProcess, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text("colour\nred\n")
    with pytest.raises(UploadError, match="columns_invalid"):
        await send(platform, file)
    file.write_text(f"{HEADER}\n1.5E+12,,\n")
    good, output = await send(platform, file)
    assert (good, "0 changed, 0 unchanged, 1 rejected" in output) == (False, True)
