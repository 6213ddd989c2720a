"""Posting a fleet live: one day after another, to a server or within the process."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import count

from pacewatch.simulator.day import Day, Source
from pacewatch.simulator.sources.rows import Row, device_rows, outcome_rows, reading_rows

ROWS_PER_POST = 1_000
INGEST_PATH = "/api/v1/telemetry/ingest"
OUTCOMES_PATH = "/api/v1/outcomes"
DEVICES_PATH = "/api/v1/devices"

Post = Callable[[str, list[Row]], Awaitable[object]]
"""Posts rows to a path of the platform; returns when the platform has stored them."""

WaitForDay = Callable[[Day], Awaitable[object]]
"""Returns when the day may be posted: a server rejects timestamps that its clock has not reached."""


async def follow(source: Source, post: Post, wait_for_day: WaitForDay, days: int | None = None) -> int:
    """Post day after day, at most `days` of them or as many as the source has; returns how many were posted.

    Devices go before their readings, and those before the outcomes of the same day. Cancel it to stop; everything
    already posted is stored.
    """
    for posted in count() if days is None else range(days):
        try:
            day = source.step()
        except EOFError:
            return posted
        await wait_for_day(day)
        await _post_day(source, day, post)
    return days or 0


def at_pace(seconds_per_day: float) -> WaitForDay:
    """One day per `seconds_per_day` of wall time, the first one at once; after a late day there is no pause."""
    next_at_s = time.monotonic()

    async def wait_for_day(_day: Day) -> None:
        nonlocal next_at_s
        await asyncio.sleep(max(next_at_s - time.monotonic(), 0))
        next_at_s = max(next_at_s, time.monotonic() - seconds_per_day) + seconds_per_day

    return wait_for_day


async def _post_day(source: Source, day: Day, post: Post) -> None:
    for path, rows in (
        (DEVICES_PATH, device_rows(source.profile, day.devices)),
        (INGEST_PATH, reading_rows(source.profile, day.readings)),
        (OUTCOMES_PATH, outcome_rows(source.profile, day.outcomes)),
    ):
        for start in range(0, len(rows), ROWS_PER_POST):
            await post(path, rows[start : start + ROWS_PER_POST])
