"""Calls that a person makes through the dashboard, for programs: post history, train a model, wait for the gate."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import httpx

from pacewatch.kit.errors import PacewatchError
from pacewatch.simulator.day import Day, Source
from pacewatch.simulator.sources.follow import DEVICES_PATH, INGEST_PATH, OUTCOMES_PATH, ROWS_PER_POST
from pacewatch.simulator.sources.rows import Row, device_rows, outcome_rows, reading_rows

ReportProgress = Callable[[str, int], None]
"""Gets the stage of a training run, and how much of it is done, in percent."""

POLL_S = 0.5
JUDGED_STATUSES = ("accepted", "active", "rejected")


class RefusedError(PacewatchError):
    """The platform refused a request, or a run failed. The message is the platform's answer."""


async def post(client: httpx.AsyncClient, path: str, body: object, **parameters: str) -> Any:
    """The JSON that a POST returns. RefusedError unless it succeeds."""
    response = await client.post(path, json=body, params=parameters)
    if response.is_error:
        raise RefusedError(f"POST {path}: {response.status_code} {response.text[:500]}")
    return response.json()


async def get(client: httpx.AsyncClient, path: str, **parameters: str | int) -> Any:
    """The JSON that a GET returns. RefusedError unless it succeeds."""
    response = await client.get(path, params=parameters)
    if response.is_error:
        raise RefusedError(f"GET {path}: {response.status_code} {response.text[:500]}")
    return response.json()


async def post_days(client: httpx.AsyncClient, source: Source, days: Iterable[Day], mode: str) -> None:
    """Post the devices, readings and outcomes of `days`, in order, in as few requests as the row limit allows."""
    readings: list[Row] = []
    outcomes: list[Row] = []
    for day in days:
        await post_devices(client, source, day)
        readings += reading_rows(source.profile, day.readings)
        outcomes += outcome_rows(source.profile, day.outcomes)
        if len(readings) >= ROWS_PER_POST:
            await _post_day_rows(client, readings, outcomes, mode)
            readings, outcomes = [], []
    await _post_day_rows(client, readings, outcomes, mode)


async def _post_day_rows(client: httpx.AsyncClient, readings: list[Row], outcomes: list[Row], mode: str) -> None:
    await post_rows(client, INGEST_PATH, readings, mode=mode)
    await post_rows(client, OUTCOMES_PATH, outcomes)


async def post_devices(client: httpx.AsyncClient, source: Source, day: Day) -> None:
    """Register the devices that joined on a day; again, it changes nothing."""
    await post_rows(client, DEVICES_PATH, device_rows(source.profile, day.devices), reason="joined the fleet")


async def post_rows(client: httpx.AsyncClient, path: str, rows: list[Row], **parameters: str) -> None:
    """Post `rows` in as few requests as the row limit allows."""
    for start in range(0, len(rows), ROWS_PER_POST):
        await post(client, path, rows[start : start + ROWS_PER_POST], **parameters)


def next_days(source: Source, count: int) -> Iterator[Day]:
    """The next `count` days, or as many as the source still has."""

    def days() -> Iterator[Day]:
        while True:
            try:
                yield source.step()
            except EOFError:
                return

    return islice(days(), count)


async def train(
    client: httpx.AsyncClient, reason: str, report_progress: ReportProgress = lambda *_: None
) -> dict[str, Any]:
    """Request a training run and wait until the gate has judged its candidate. Returns the model.

    A run that is under way is waited for instead. RefusedError if the run fails.
    """
    newest = (await get(client, "/api/v1/training-runs", size=1))["items"]
    is_open = bool(newest) and newest[0]["status"] in ("requested", "running")
    run = newest[0] if is_open else await post(client, "/api/v1/training-runs", {"reason": reason})
    while run["status"] in ("requested", "running"):
        await asyncio.sleep(POLL_S)
        run = await get(client, f"/api/v1/training-runs/{run['id']}")
        report_progress(run["stage"].replace("_", " ") or "waiting for the trainer", run["percent"])
    if run["status"] != "succeeded":
        raise RefusedError(f"training {run['status']}: {run['message']}")
    return await _judged_model(client, run["model_version"])


async def _judged_model(client: httpx.AsyncClient, version: str) -> dict[str, Any]:
    """Wait until the gate has judged the model."""
    while True:
        response = await client.get(f"/api/v1/models/{version}")
        if response.is_success and response.json()["status"] in JUDGED_STATUSES:
            return dict(response.json())
        await asyncio.sleep(POLL_S)
