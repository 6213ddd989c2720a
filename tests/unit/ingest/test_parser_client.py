"""What reading a whole file may cost."""

from pathlib import Path

import pytest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.errors import FileTooCostly
from pacewatch.ingest.parser.client import Parser
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.uploads.chunks import Format


async def test_a_small_file_of_many_chunks_may_cost_no_more_than_its_size_allows(tmp_path: Path) -> None:
    path, parser = tmp_path / "blank.ndjson", Parser(PACEMAKER, IngestSettings(parser_cpu_s=1))
    path.write_bytes(b"\n" * 2**21)  # 105 chunks, each of which costs far less than a second
    chunks = 0
    try:
        async with parser.open_file(path, Format.NDJSON, 0, 0) as next_chunk:
            with pytest.raises(FileTooCostly):
                while await next_chunk() is not None:
                    chunks += 1
    finally:
        parser.close()
    assert 1 < chunks < 100
