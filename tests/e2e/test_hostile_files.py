"""Hostile files at a real process: each ends, cheaply, and none is answered with a 5xx. `hostile.py` measures more."""

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import islice

import pytest
from load.doors.corpus import FAMILIES, corpus
from load.doors.hostile import prove
from support.platform.ingest_processes import IngestProcesses, ingest_processes

pytestmark = pytest.mark.early

# Far more than `make prove-doors` allows, and more for /readyz: the suite shares its machine and its caches.
CPU_S = 6
GROWTH_MIB = 128
READYZ_MS = 5_000


@pytest.fixture
async def ingest(
    new_database: Callable[[], Awaitable[str]], amqp_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[IngestProcesses]:
    folder = tmp_path_factory.mktemp("ingest")
    async with ingest_processes(await new_database(), amqp_url, folder, ("ingest",)) as running:
        yield running


async def test_each_hostile_file_ends_soon_and_nothing_fails(
    ingest: IngestProcesses, note: Callable[[str, str], None]
) -> None:
    doors = sum(len(doors) for _, doors in FAMILIES.values())
    files = list(islice(corpus(doors), 40))
    found = await prove(ingest.platform, files)
    note("hostile files", str(found.result()))
    assert (found.files, found.server_errors, found.unexpected) == (40, 0, [])
    assert found.slowest[0] < CPU_S, found.slowest
    assert found.growth_bytes <= GROWTH_MIB * 2**20
    assert found.readyz_worst_ms < READYZ_MS
