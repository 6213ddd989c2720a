"""What a person with a browser would do, done by a program: load history, settle labels, train, wait."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import httpx

from pacewatch.kit.errors import PacewatchError
from pacewatch.simulator.day import Day, Source
from pacewatch.simulator.sources.follow import INGEST_PATH, OUTCOMES_PATH, ROWS_PER_POST
from pacewatch.simulator.sources.rows import Row, outcome_rows, reading_rows

Tell = Callable[[str], None]

POLL_S = 0.5
FINAL = ("accepted", "active", "rejected")


class RefusedError(PacewatchError):
    """The platform did not do what was asked; the message is its answer."""


async def post(client: httpx.AsyncClient, path: str, body: object, **parameters: str) -> Any:
    """The answer to a POST; RefusedError unless it is a success."""
    answer = await client.post(path, json=body, params=parameters)
    if answer.is_error:
        raise RefusedError(f"POST {path}: {answer.status_code} {answer.text[:500]}")
    return answer.json()


async def get(client: httpx.AsyncClient, path: str, **parameters: str | int) -> Any:
    """The answer to a GET; RefusedError unless it is a success."""
    answer = await client.get(path, params=parameters)
    if answer.is_error:
        raise RefusedError(f"GET {path}: {answer.status_code} {answer.text[:500]}")
    return answer.json()


async def post_days(
    client: httpx.AsyncClient,
    source: Source,
    days: Iterable[Day],
    mode: str,
    told: Callable[[int], None] = lambda _: None,
) -> None:
    """Post what the days brought, in order, in as few requests as the row limit allows."""
    readings: list[Row] = []
    outcomes: list[Row] = []
    for day in days:
        readings += reading_rows(source.profile, day.readings)
        outcomes += outcome_rows(source.profile, day.outcomes)
        if len(readings) >= ROWS_PER_POST:
            told(await _post_all(client, readings, outcomes, mode))
            readings, outcomes = [], []
    told(await _post_all(client, readings, outcomes, mode))


async def _post_all(client: httpx.AsyncClient, readings: list[Row], outcomes: list[Row], mode: str) -> int:
    for chunk in _chunks(readings):
        await post(client, INGEST_PATH, chunk, mode=mode)
    for chunk in _chunks(outcomes):
        await post(client, OUTCOMES_PATH, chunk)
    return len(readings)


def _chunks(rows: list[Row]) -> Iterator[list[Row]]:
    return (rows[start : start + ROWS_PER_POST] for start in range(0, len(rows), ROWS_PER_POST))


def next_days(source: Source, count: int) -> Iterator[Day]:
    """The next `count` days, or as many as the source still has."""

    def days() -> Iterator[Day]:
        while True:
            try:
                yield source.step()
            except EOFError:
                return

    return islice(days(), count)


async def train(client: httpx.AsyncClient, reason: str, tell: Tell) -> dict[str, Any]:
    """Ask for a training run and wait for what the gate makes of it: the model; RefusedError if the run fails."""
    run = await post(client, "/api/v1/training-runs", {"reason": reason})
    last = ""
    while run["status"] in ("requested", "running"):
        await asyncio.sleep(POLL_S)
        run = await get(client, f"/api/v1/training-runs/{run['id']}")
        line = f"{run['stage'] or 'waiting for the trainer'} {run['percent']} %"
        if line != last:
            tell(line)
        last = line
    if run["status"] != "succeeded":
        raise RefusedError(f"training {run['status']}: {run['message']}")
    return await _judged(client, run["model_version"])


async def _judged(client: httpx.AsyncClient, version: str) -> dict[str, Any]:
    while True:
        answer = await client.get(f"/api/v1/models/{version}")
        if answer.is_success and answer.json()["status"] in FINAL:
            return dict(answer.json())
        await asyncio.sleep(POLL_S)
