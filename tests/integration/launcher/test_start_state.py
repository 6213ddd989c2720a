"""A platform begins empty, or with a simulated history: loaded once, whatever interrupts it."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from rich.console import Console
from support.inside import settings_for
from support.processes import Platform, create_platform, environment, migrate
from support.waiting import until

from pacewatch.kit.errors import ConfigurationError
from pacewatch.launcher.client import seed
from pacewatch.launcher.client.upload import Sender
from pacewatch.launcher.runtime import start_state
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.dataset import DataSet, make_dataset

ROWS = 30_000
ACCOUNT = ("seeder@example.org", "correct horse battery staple")
pytestmark = [pytest.mark.early, pytest.mark.servers]


@pytest.fixture(scope="module")
def history() -> DataSet:
    """What is to be there in the end."""
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


async def asked(platform: Platform, path: str) -> dict[str, object]:
    answer = (await platform.get(path)).raise_for_status()
    return dict(answer.json())


async def test_an_interrupted_history_goes_on_and_is_loaded_once(platform: Platform, history: DataSet) -> None:
    await platform.start()

    async def begun() -> bool:
        return bool((await asked(platform, "telemetry/uploads"))["total"])

    await until(begun)
    await platform.processes["all"].kill()
    await platform.start()
    await until(lambda: loaded(platform))
    said = Console(file=io.StringIO(), record=True)
    assert await asyncio.to_thread(seed.seed, ROWS, Sender(platform.url("")[: -len("/api/v1/")], "", *ACCOUNT), said)
    assert "sent before" in said.export_text()
    assert (await asked(platform, "telemetry/uploads"))["total"] == 1
    assert (await asked(platform, "telemetry/summary"))["rows"] == len(history.rows)
    assert (await asked(platform, "outcomes"))["total"] == len(history.outcomes) > 10
    counts = (await asked(platform, "labels/summary"))["counts"]
    assert isinstance(counts, dict)
    assert (sum(counts.values()), counts["unresolved"]) == (len(history.rows), 0)
    assert counts["positive"] > 0


async def loaded(platform: Platform) -> bool:
    return "start_state_loaded" in platform.processes["all"].log.read_text()


def test_only_pacemakers_can_be_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = settings_for("postgresql://nobody@localhost/nothing", tmp_path)
    assert start_state.wanted(settings) is None
    monkeypatch.setenv("SEED_PACEMAKER_DATA", "True")
    assert start_state.wanted(settings) is not None
    with pytest.raises(ConfigurationError, match="machine"):
        start_state.wanted(settings.model_copy(update={"profile": "machine"}))
