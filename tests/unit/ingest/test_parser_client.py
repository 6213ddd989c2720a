"""What reading a whole file may cost, and how long a body may wait."""

import io
import os
import signal
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.errors import FileTooCostly
from pacewatch.ingest.parser import client
from pacewatch.ingest.parser.client import Parser
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.telemetry.bodies import MediaType
from pacewatch.ingest.uploads.chunks import Source
from pacewatch.kit.tables.files.chunks import Format


async def test_a_small_file_of_many_chunks_may_cost_no_more_than_its_size_allows(tmp_path: Path) -> None:
    path, parser = tmp_path / "no_rows.ndjson", Parser(PACEMAKER, IngestSettings(parser_cpu_s=1))
    path.write_bytes(b"1\n" * 2**21)  # 105 chunks, each of which costs far less than a second
    chunks = 0
    try:
        async with parser.open_file(Source(path, Format.NDJSON)) as next_chunk:
            with pytest.raises(FileTooCostly):
                while await next_chunk() is not None:
                    chunks += 1
    finally:
        parser.close()
    assert 1 < chunks < 100


async def test_a_parser_that_stands_still_holds_bodies_up_for_seconds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_START_S", 1.0)
    sink, parser = io.BytesIO(), Parser(PACEMAKER, IngestSettings())
    row = {PACEMAKER.device_field: [1], "timestamp": [1_700_000_000]}
    pq.write_table(pa.table(row | {name: [1.0] for name in PACEMAKER.signal_names}), sink)
    try:
        await parser.check_body(sink.getvalue(), MediaType.PARQUET)
        assert parser.bodies.pid is not None
        os.kill(parser.bodies.pid, signal.SIGSTOP)
        began_s = time.monotonic()
        assert (await parser.check_body(sink.getvalue(), MediaType.PARQUET)).received == 1
        assert time.monotonic() - began_s < 30
    finally:
        parser.close()
