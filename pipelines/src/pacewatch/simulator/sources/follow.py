"""A fleet that reports live: its days are posted one after another, to a server or within the process."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import count

from pacewatch.simulator.sources.day import Day, Source
from pacewatch.simulator.sources.rows import Row, outcome_rows, reading_rows

ROWS_PER_POST = 1_000
INGEST_PATH = "/api/v1/telemetry/ingest"
OUTCOMES_PATH = "/api/v1/outcomes"

Post = Callable[[str, list[Row]], Awaitable[object]]
"""Delivers rows to a path of the platform; returns when they are safe there."""

Moment = Callable[[Day], Awaitable[object]]
"""Returns when a day may be posted: a server refuses stamps that its clock has not reached."""


async def follow(source: Source, post: Post, moment: Moment, days: int | None = None) -> int:
    """Post day after day, at most `days` of them or as many as the source has; how many were posted.

    Readings go before the outcomes of the same day. Cancel it to stop; what was posted before is safe.
    """
    for posted in count() if days is None else range(days):
        try:
            day = source.step()
        except EOFError:
            return posted
        await moment(day)
        await _post_day(source, day, post)
    return days or 0


def every(seconds_per_day: float) -> Moment:
    """A day each `seconds_per_day` of the wall clock, the first one at once; a late day is followed without a rest."""
    next_at_s = time.monotonic()

    async def moment(_day: Day) -> None:
        nonlocal next_at_s
        await asyncio.sleep(max(next_at_s - time.monotonic(), 0))
        next_at_s = max(next_at_s, time.monotonic() - seconds_per_day) + seconds_per_day

    return moment


async def _post_day(source: Source, day: Day, post: Post) -> None:
    for path, rows in (
        (INGEST_PATH, reading_rows(source.profile, day.readings)),
        (OUTCOMES_PATH, outcome_rows(source.profile, day.outcomes)),
    ):
        for start in range(0, len(rows), ROWS_PER_POST):
            await post(path, rows[start : start + ROWS_PER_POST])
