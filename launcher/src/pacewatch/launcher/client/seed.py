"""Loads a simulated history with its outcomes into a running platform, once.

The same number of rows gives the same history, row by row. Devices and outcomes are sent first: recording one twice
changes nothing. The rows follow as one upload with the history's own correlation id. Once that is queued, the platform
finishes it even if this command is interrupted. So an upload with this id means that the history is loaded or being
loaded.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
from rich.console import Console
from rich.progress import track

from pacewatch.launcher.client.connection import Connection, json_of
from pacewatch.launcher.client.upload import UPLOADS_PATH, follow, is_success, send
from pacewatch.simulator.day import Day
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.dataset import DataSet, make_dataset, write_dataset
from pacewatch.simulator.sources.follow import DEVICES_PATH

# The defaults of `pipelines/generate_data.py`: the data set as published.
START: Final = datetime(2018, 1, 1, tzinfo=UTC)
DAYS, ENRICH, SEED = 1_095, 8.0, 7
# How many rows one device sends in that time, before it ends.
ROWS_PER_DEVICE: Final = 727
_ROWS_PER_POST: Final = 1_000
_PAGE_SIZE: Final = 200
# Settling millions of labels in one request takes minutes.
_MATURE_TIMEOUT_S: Final = 1_800.0


def seed(rows: int, connection: Connection, console: Console) -> bool:
    """Load about `rows` rows with their outcomes. Returns whether all are stored. UploadError if they were not sent."""
    correlation_id = f"seed-{rows}"
    with connection.open() as client:
        client.headers["X-Correlation-Id"] = correlation_id
        job = _earlier_upload(client, correlation_id)
        if job is None:
            job = _load(client, rows, console)
        else:
            console.print(f"already sent, as upload {job['upload_id']}: {job['status']}", soft_wrap=True)
        is_loaded = is_success(follow(client, job, console))
        matured = json_of(client.post("/api/v1/labels/mature", timeout=_MATURE_TIMEOUT_S))
        console.print(f"labels: {matured['counts']}", highlight=False)
    return is_loaded


def _earlier_upload(client: httpx.Client, correlation_id: str) -> Any:
    """The upload that carries the history, unless it failed. None if there is none."""
    jobs = json_of(client.get(UPLOADS_PATH, params={"correlation_id": correlation_id, "size": _PAGE_SIZE}))["items"]
    return next((job for job in jobs if job["status"] != "failed"), None)


def _load(client: httpx.Client, rows: int, console: Console) -> Any:
    def show_progress(days: Iterable[Day]) -> Iterable[Day]:
        return track(days, "simulating days", DAYS, console=console, disable=not console.is_terminal)

    devices = rows // ROWS_PER_DEVICE + 1
    console.print(f"Simulating {DAYS} days of {devices:,} devices")
    history = make_dataset(Fleet(devices, int(START.timestamp()), ENRICH, SEED), DAYS, show_progress)
    _send_devices(client, history)
    _send_outcomes(client, history, console)
    with TemporaryDirectory(prefix="pacewatch-") as folder:
        file = Path(folder) / "history.parquet"
        write_dataset(history, file)
        return send(client, file, "parquet", "backfill", console)


def _send_devices(client: httpx.Client, history: DataSet) -> None:
    for part in history.devices.iter_slices(_ROWS_PER_POST):
        json_of(client.post(DEVICES_PATH, json=part.to_dicts(), params={"reason": "simulated history"}))


def _send_outcomes(client: httpx.Client, history: DataSet, console: Console) -> None:
    totals = {"recorded": 0, "duplicates": 0}
    for part in history.outcomes.iter_slices(_ROWS_PER_POST):
        report = json_of(client.post("/api/v1/outcomes", json=part.to_dicts()))
        totals = {name: total + report[name] for name, total in totals.items()}
    console.print(
        f"outcomes: {totals['recorded']:,} recorded, {totals['duplicates']:,} already recorded", highlight=False
    )
