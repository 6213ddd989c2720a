"""`pacewatch replay-machine`: replay a recorded fleet through the HTTP ingest, day by day.

Fleet time stands at the end of the day being posted, so labels mature when they would have. After TRAIN_AFTER_DAYS a
model is trained on the labels that are settled by then, and the rest of the record is scored live.
"""

import asyncio
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.kit import clock
from pacewatch.launcher.client.api_client import RefusedError, get, next_days, post, post_days, train
from pacewatch.launcher.demo.local_platform import LocalPlatform, local_platform
from pacewatch.simulator.sources.replay import ReplayedFleet

TRAIN_AFTER_DAYS = 200
SCORED_WITHIN_S = 60
# The replay itself requests the training, so the platform's schedule is off.
EXTRA = {"PACEWATCH_REGISTRY_TRAINING_INTERVAL_H": "0"}


async def replay_machines(data: Path, folder: Path, console: Console) -> dict[str, Any]:
    """Replay the machines recorded in `data` on a new platform in `folder`. Returns what the platform then holds."""
    source = ReplayedFleet(data)
    clock.start_at(source.start_s, 0)
    async with local_platform(folder, MACHINE.name, extra=EXTRA) as platform:
        days = (source.end_s - source.start_s) // SECONDS_PER_DAY
        for number in track(range(days), "Replaying days", console=console):
            (day,) = next_days(source, 1)
            clock.start_at(day.end_s, 0)
            await post_days(platform.client, source, [day], "live")
            if number + 1 == TRAIN_AFTER_DAYS:
                await _train(platform, console)
        return await _summary(platform)


async def _train(platform: LocalPlatform, console: Console) -> None:
    await post(platform.client, "/api/v1/labels/mature", None)
    with console.status("Training"):
        model = await train(platform.client, "replay")
    if model["status"] != "active":
        raise RefusedError(f"the gate did not promote {model['version']}: {model['reason']}")


async def _summary(platform: LocalPlatform) -> dict[str, Any]:
    """What the platform holds, in the JSON fields that `make replay-machine` prints."""
    await post(platform.client, "/api/v1/labels/mature", None)
    summary = await get(platform.client, "/api/v1/telemetry/summary")
    async with asyncio.timeout(SCORED_WITHIN_S):
        await _wait_until_scored(platform, summary["last_reading_at"])
    labels = await get(platform.client, "/api/v1/labels/summary")
    failures = await get(platform.client, "/api/v1/outcomes", kind="failure", page=1, size=1)
    model = await get(platform.client, "/api/v1/models/active")
    ranked = await get(platform.client, "/api/v1/risk", page=1, size=1)
    states = ("positive", "negative", "censored", "unresolved")
    return {
        "rows": summary["rows"],
        "failures": failures["total"],
        **{f"labels_{state}": labels["counts"][state] for state in states},
        "model_version": model["version"],
        "ranked_devices": ranked["total"],
    }


async def _wait_until_scored(platform: LocalPlatform, last_at: str) -> None:
    """Wait until every machine is ranked by its newest reading. All machines report on the last day."""
    while True:
        ranked = await get(platform.client, "/api/v1/risk", page=1, size=200)
        if ranked["items"] and all(item["measured_at"] >= last_at for item in ranked["items"]):
            return
        await asyncio.sleep(0.2)
