"""No accepted live reading stays unscored: without a model, without a queue, after the restore of a backup."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from load.doors import unscored
from load.doors.unscored import CROSSINGS, DEVICES
from support.platform.scoring import Scoring, scoring_processes

pytestmark = pytest.mark.long

Note = Callable[[str, str], None]


@pytest.fixture(scope="module")
async def scoring(
    new_database: Callable[[], Awaitable[str]], amqp_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scoring]:
    folder = tmp_path_factory.mktemp("scoring")
    async with scoring_processes(await new_database(), amqp_url, folder) as running:
        yield running


async def reconcile(scoring: Scoring, *arguments: str) -> dict[str, Any]:
    """Run `pacewatch reconcile`."""
    program = str(Path(sys.executable).parent / "pacewatch")
    process = await asyncio.create_subprocess_exec(
        program, "reconcile", *arguments, env=scoring.inference.environment, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return dict(json.loads(output))


async def test_a_model_unreadable_for_three_seconds_costs_no_score_and_no_mail(scoring: Scoring, note: Note) -> None:
    measured, mails = await unscored.model_unreadable(scoring)
    assert (measured.rows, measured.unscored) == (DEVICES, 0)
    assert list(mails.values()) == [1] * CROSSINGS
    assert (await scoring.ready()).status_code == 200
    note("unreadable model", f"{measured.rows} rows, {measured.unscored} unscored, {sum(mails.values())} mails")


async def test_ten_batches_are_scored_although_only_the_queue_of_inference_was_missing(scoring: Scoring) -> None:
    measured = await unscored.queue_missing(scoring)
    assert (measured.rows, measured.unscored) == (100, 0)


async def test_what_a_queue_lost_comes_back_when_later_events_arrive(scoring: Scoring) -> None:
    measured = await unscored.queue_emptied(scoring)
    assert (measured.rows, measured.unscored) == (101, 0)
    assert measured.reconciled >= 100
    nothing = {"events": {}, "first": []}
    assert await reconcile(scoring, "--dry-run") == {"dry_run": True, **nothing}
    assert await reconcile(scoring) == {"dry_run": False, **nothing}


@pytest.mark.timeout(600)
async def test_a_restored_dump_under_load_is_scored_completely(
    scoring: Scoring, new_database: Callable[[], Awaitable[str]], note: Note
) -> None:
    measured = await unscored.restored(scoring, new_database)
    assert measured.rows > 5_000
    assert measured.reconciled > 500, "the dump caught nothing on its way"
    assert measured.unscored == 0
    assert "events_published_after_restore" in scoring.platform.processes["ingest"].log.read_text()
    note("restore", f"{measured.rows} live rows in the dump, {measured.reconciled} were on their way, all scored")
