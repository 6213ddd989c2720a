"""The demo's past: the history as one file, as a person would send it, and the first model trained on it."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pacewatch.launcher.client.api_client import RefusedError, get, next_days, post, post_rows, train
from pacewatch.launcher.client.upload import UPLOADS_PATH
from pacewatch.launcher.demo.local_platform import LocalPlatform
from pacewatch.launcher.demo.state import DemoState
from pacewatch.simulator.day import Day, Source
from pacewatch.simulator.sources.follow import DEVICES_PATH, OUTCOMES_PATH
from pacewatch.simulator.sources.history import distinct_readings
from pacewatch.simulator.sources.rows import device_rows, outcome_rows

POLL_S: Final = 0.2
# An upload with this id is the history: an interrupted demo continues it.
CORRELATION_ID: Final = "demo-history"


async def load_history(platform: LocalPlatform, state: DemoState, source: Source, console: Console) -> DemoState:
    """Send the days before today: devices and outcomes, which may be sent twice, and one Parquet file of readings.

    RefusedError if the platform did not store all of it.
    """
    days = list(next_days(source, state.history_days))
    devices = [device for day in days for device in day.devices]
    outcomes = [outcome for day in days for outcome in day.outcomes]
    console.print(f"History: {len(days)} days, {len(devices):,} devices, {len(outcomes):,} outcomes")
    await post_rows(platform.client, DEVICES_PATH, device_rows(source.profile, devices), reason="joined the fleet")
    await post_rows(platform.client, OUTCOMES_PATH, outcome_rows(source.profile, outcomes))
    job = await _earlier_upload(platform) or await _send(platform, source, days)
    await _follow(platform, job, console)
    return state.after(len(days))


async def _earlier_upload(platform: LocalPlatform) -> Any:
    """The upload that an interrupted demo has begun; None if there is none."""
    jobs = await get(platform.client, UPLOADS_PATH, correlation_id=CORRELATION_ID)
    return next((job for job in jobs["items"] if job["status"] in ("queued", "running", "done")), None)


async def _send(platform: LocalPlatform, source: Source, days: Sequence[Day]) -> Any:
    readings, profile, file = distinct_readings(days), source.profile, io.BytesIO()
    columns = {profile.device_field: "device_id", "timestamp": "timestamp_s"}
    columns |= {name: name for name in profile.signal_names}
    pl.DataFrame({name: readings[field] for name, field in columns.items()}).write_parquet(file)
    query, headers = {"format": "parquet", "mode": "backfill"}, {"X-Correlation-Id": CORRELATION_ID}
    response = await platform.client.post(UPLOADS_PATH, params=query, content=file.getvalue(), headers=headers)
    if response.is_error:
        raise RefusedError(f"POST {UPLOADS_PATH}: {response.status_code} {response.text[:500]}")
    return response.json()


async def _follow(platform: LocalPlatform, job: Any, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Storing readings", total=job["rows_total"], completed=job["rows_done"])
        while job["status"] in ("queued", "running"):
            await asyncio.sleep(POLL_S)
            job = await get(platform.client, f"{UPLOADS_PATH}/{job['upload_id']}")
            progress.update(task, completed=job["rows_done"], total=job["rows_total"])
    if job["status"] != "done" or job["rejected"]:
        raise RefusedError(f"the history is {job['status']}, {job['rejected']} rows rejected: {job['error']}")


async def ensure_model(platform: LocalPlatform, console: Console) -> None:
    """Train the first model unless a model is active already."""
    matured = await post(platform.client, "/api/v1/labels/mature", None)
    counts = matured["counts"]
    console.print("Labels: " + ", ".join(f"{rows:,} {label}" for label, rows in counts.items()), highlight=False)
    active = await platform.client.get("/api/v1/models/active")
    if active.is_success:
        console.print(f"Model {active.json()['version']} is active")
        return
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("Training the first model", total=100)

        def report(stage: str, percent: int) -> None:
            progress.update(task, completed=percent, description=f"Training the first model: {stage}")

        model = await train(platform.client, "first model of the demo", report)
    console.print(f"Model {model['version']} is {model['status']}: {model['reason']}", highlight=False)
