"""`pacewatch upload` sends a file, waits until it is stored, and fails if any row was rejected."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from support.ingest import reading
from support.platform.in_process import run_in_process, settings_for

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.launcher.client.connection import Connection
from pacewatch.launcher.client.upload import upload
from pacewatch.launcher.errors import UploadError


async def test_the_command_prints_the_counts_and_downloads_the_rejects(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    url, console = await new_database(), Console(file=io.StringIO(), record=True)
    file = tmp_path / "rows.csv"
    fields = list(reading())
    lines = [",".join(fields), *(",".join(map(str, reading(device, 1_700_000_000).values())) for device in range(3))]
    variables = {"PACEWATCH_INGEST_SPOOL_DIR": str(tmp_path / "spool")}
    async with run_in_process(settings_for(url, tmp_path), ["ingest"], variables) as platform:
        token = platform.signer.sign(
            "test", role=Role.SUPERUSER, scopes=SCOPES_BY_ROLE[Role.SUPERUSER], lifetime=timedelta(minutes=5)
        )
        connection = Connection(platform.url, token, "", "")
        file.write_text("\n".join(lines))
        assert await asyncio.to_thread(upload, file, connection, "backfill", console)
        file.write_text("\n".join([*lines, "1.5E+12" + lines[1][1:]]))
        assert not await asyncio.to_thread(upload, file, connection, "backfill", console, tmp_path / "bad.csv")
    assert (tmp_path / "bad.csv").read_text().splitlines() == [
        "row,field,code,message",
        f'3,{fields[0]},rounded_id,"looks like an id that a spreadsheet has rounded: format the column as text before '
        'you save it; it is ""1.5E+12"""',
    ]
    output = console.export_text()
    assert "3 accepted, 0 duplicates, 0 rejected" in output
    assert "0 accepted, 3 duplicates, 1 rejected" in output.replace("\n", " ")
    assert "of which 3 duplicate, 1 rounded_id" in output
    assert "/rejects?format=csv" in output


async def test_the_command_prints_the_error_code_and_what_to_do(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").touch()
    async with run_in_process(settings_for(await new_database(), tmp_path), ["ingest"], {}) as platform:
        connection = Connection(platform.url, "no token", "", "")
        with pytest.raises(UploadError, match="answered 401, unauthorized: the token is not valid here; log in again"):
            await asyncio.to_thread(upload, tmp_path / "rows.csv", connection, "backfill", Console(file=io.StringIO()))
