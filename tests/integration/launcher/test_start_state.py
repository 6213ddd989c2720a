"""A platform starts empty, or with a simulated history that is loaded once, even if the load is interrupted."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from rich.console import Console
from support.platform.in_process import settings_for
from support.platform.processes import Platform, create_platform, environment, migrate
from support.waiting import until

from pacewatch.kit.errors import ConfigurationError
from pacewatch.launcher.client import seed
from pacewatch.launcher.client.connection import Connection
from pacewatch.launcher.runtime import start_state
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.dataset import DataSet, make_dataset

ROWS = 30_000
ACCOUNT = ("seeder@example.org", "correct horse battery staple")
pytestmark = [pytest.mark.early, pytest.mark.servers]


@pytest.fixture(scope="module")
def history() -> DataSet:
    """The history that must be stored in the end."""
    return make_dataset(
        Fleet(ROWS // seed.ROWS_PER_DEVICE + 1, int(seed.START.timestamp()), seed.ENRICH, seed.SEED), seed.DAYS
    )


@pytest.fixture
async def platform(new_database: Callable[[], Awaitable[str]], tmp_path: Path) -> AsyncIterator[Platform]:
    settings = environment(tmp_path, await new_database(), 1) | {
        "SEED_PACEMAKER_DATA": "True",
        "SEED_ROWS": str(ROWS),
        "PACEWATCH_SUPERUSER_EMAIL": ACCOUNT[0],
        "PACEWATCH_SUPERUSER_PASSWORD": ACCOUNT[1],
        "PACEWATCH_INGEST_SPOOL_DIR": str(tmp_path / "spool"),
        "PACEWATCH_INGEST_UPLOAD_LEASE_S": "1",
    }
    await migrate(settings, tmp_path)
    running = create_platform(settings, tmp_path, ("all",))
    yield running
    await running.stop()


async def get_json(platform: Platform, path: str) -> dict[str, object]:
    response = (await platform.get(path)).raise_for_status()
    return dict(response.json())


async def test_an_interrupted_load_continues_and_stores_the_history_once(platform: Platform, history: DataSet) -> None:
    await platform.start()

    async def has_begun() -> bool:
        return bool((await get_json(platform, "telemetry/uploads"))["total"])

    await until(has_begun)
    await platform.processes["all"].kill()
    await platform.start()
    await until(lambda: is_loaded(platform))
    console = Console(file=io.StringIO(), record=True)
    connection = Connection(platform.url("")[: -len("/api/v1/")], "", *ACCOUNT)
    assert await asyncio.to_thread(seed.seed, ROWS, connection, console)
    assert "already sent" in console.export_text()
    assert (await get_json(platform, "telemetry/uploads"))["total"] == 1
    assert (await get_json(platform, "telemetry/summary"))["rows"] == len(history.rows)
    assert (await get_json(platform, "outcomes"))["total"] == len(history.outcomes) > 10
    counts = (await get_json(platform, "labels/summary"))["counts"]
    assert isinstance(counts, dict)
    assert (sum(counts.values()), counts["unresolved"]) == (len(history.rows), 0)
    assert counts["positive"] > 0


async def is_loaded(platform: Platform) -> bool:
    return "start_state_loaded" in platform.processes["all"].log.read_text()


def test_a_history_can_be_requested_for_pacemakers_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = settings_for("postgresql://nobody@localhost/nothing", tmp_path)
    assert start_state.requested(settings) is None
    monkeypatch.setenv("SEED_PACEMAKER_DATA", "True")
    assert start_state.requested(settings) is not None
    with pytest.raises(ConfigurationError, match="machine"):
        start_state.requested(settings.model_copy(update={"profile": "machine"}))
