"""One step: a fleet posts at a fixed rate for a while, and scoring is watched until it has caught up."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from load.loop.bench import Bench, BenchmarkError, say
from load.loop.fleet import FIRST_DEVICE, DailyFleet, as_lines
from load.loop.processor_time import ProcessorTime, measured
from load.loop.sending import Sent, sender
from support.waiting import until

from pacewatch.contracts.profile import SECONDS_PER_DAY

LONGEST_LAG_S = 5.0
# Of the mean lag of a step's last quarter over that of the quarter before; less is noise.
GROWTH_S = 0.5
SAMPLE_EVERY_S = 0.5
CATCH_UP_TIMEOUT_S = 180.0


@dataclass(frozen=True)
class Sample:
    """How many rows of a step inference had scored at a Unix second."""

    at_s: float
    scored: int


@dataclass(frozen=True)
class Step:
    """What a step measured. The lag is how long ago the oldest row that is not scored yet was accepted, seconds.

    `post_delay_s` is how long after it was due the last request was answered.
    """

    rows_per_s: float
    scored_rows_per_s: float
    post_p99_ms: float
    post_delay_s: float
    lag_s: float
    lag_growth_s: float
    cpu_ms_per_1000_rows: dict[str, float]

    @property
    def holds(self) -> bool:
        """Whether the platform kept up with this rate."""
        return max(self.lag_s, self.post_delay_s) <= LONGEST_LAG_S and self.lag_growth_s <= GROWTH_S

    def __str__(self) -> str:
        return (
            f"{self.rows_per_s:,.0f} rows/s {'held' if self.holds else 'did not hold'}: scored "
            f"{self.scored_rows_per_s:,.0f} rows/s, {self.lag_s:.1f} s behind at the end "
            f"({self.lag_growth_s:+.1f} s in the last quarter), POST p99 {self.post_p99_ms:.0f} ms"
        )


async def run_step(bench: Bench, fleet: DailyFleet, rows_per_s: float, seconds: float) -> Step:
    """As many whole days as fit into `seconds`, at least one, under a fleet clock at the pace of the rate."""
    days = max(1, round(rows_per_s * seconds / len(fleet)))
    first_s = fleet.day_s
    batches = list(fleet.batches(days))
    accepted = np.cumsum([len(batch) for batch in batches])
    due_s = (accepted / rows_per_s).tolist()  # when the last device of the batch has measured
    lines = await asyncio.to_thread(as_lines, iter(batches))
    batches.clear()
    async with sender(bench, lines, due_s, fleet.batches_per_day) as sending:
        start_s = await bench.restart(first_s, SECONDS_PER_DAY * rows_per_s / len(fleet))
        await asyncio.sleep(start_s - time.time())
        services = {name: process.pid for name, process in bench.platform.processes.items()}
        async with measured(services, bench.database) as used:
            samples = Samples(bench)
            async with samples:
                sent = await bench.guard(sending.send(start_s))
                await bench.guard(_caught_up(bench, samples, int(accepted[-1]), (first_s, fleet.day_s)))
    return _judged(rows_per_s, sent, accepted.tolist(), samples.taken, used)


class Samples:
    """Asks inference twice a second how much it has scored, as long as the block lasts."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._asking: asyncio.Task[None] | None = None
        self.taken: list[Sample] = []

    async def __aenter__(self) -> None:
        self._asking = asyncio.create_task(self._ask())

    async def __aexit__(self, *_: object) -> None:
        assert self._asking is not None
        self._asking.cancel()
        await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        while True:
            self.taken.append(Sample(time.time(), await self._bench.scored_rows()))
            await asyncio.sleep(SAMPLE_EVERY_S)


async def _caught_up(bench: Bench, samples: Samples, rows: int, days_s: tuple[int, int]) -> None:
    """Wait until every row has a score, and every event is with the broker."""
    query = """
        SELECT count(*) FROM inference.predictions
        WHERE revision = 0 AND device_id >= $1 AND timestamp_s >= $2 AND timestamp_s < $3"""

    async def counted() -> bool:
        return bool(samples.taken) and samples.taken[-1].scored >= rows

    async def stored() -> bool:
        return await bench.connection.fetchval(query, FIRST_DEVICE, *days_s) == rows

    try:
        await until(counted, timeout_s=CATCH_UP_TIMEOUT_S, every_s=SAMPLE_EVERY_S)
        await until(stored, timeout_s=CATCH_UP_TIMEOUT_S, every_s=SAMPLE_EVERY_S)
        await until(bench.published, timeout_s=CATCH_UP_TIMEOUT_S)
    except TimeoutError:
        scored = samples.taken[-1].scored if samples.taken else 0
        raise BenchmarkError(
            f"{rows:,} rows were accepted and {scored:,} scored within {CATCH_UP_TIMEOUT_S:.0f} s"
        ) from None
    if (more := samples.taken[-1].scored - rows) > 0:
        say(f"  {more:,} rows were scored again because an earlier one came after them")


def lag_s(sample: Sample, answered_s: Sequence[float], accepted: Sequence[int]) -> float:
    """How long ago the oldest row not scored was accepted; `accepted` are rows up to each request, by answer."""
    place = int(np.searchsorted(accepted, sample.scored, side="right"))
    return max(sample.at_s - answered_s[place], 0.0) if place < len(accepted) else 0.0


def _judged(
    rows_per_s: float, sent: Sent, accepted: Sequence[int], samples: Sequence[Sample], used: ProcessorTime
) -> Step:
    answered_s = sorted(sent.answered_s)
    start_s, end_s = sent.due_s[0], answered_s[-1]
    quarter_s = (end_s - start_s) / 4
    quarters = [[one for one in samples if 0 <= one.at_s - start_s - n * quarter_s < quarter_s] for n in range(4)]
    if not all(quarters):
        raise BenchmarkError("inference did not say often enough how much it has scored: is the step long enough?")
    lags_s = [[lag_s(one, answered_s, accepted) for one in part] for part in quarters]
    begin, end = quarters[2][0], quarters[3][-1]
    cpu_ms = {part: round(ms * 1_000 / accepted[-1], 1) for part, ms in used.by_part().items()}
    return Step(
        rows_per_s=rows_per_s,
        scored_rows_per_s=(end.scored - begin.scored) / (end.at_s - begin.at_s),
        post_p99_ms=sent.post_p99_ms(),
        post_delay_s=max(answered_s[-1] - sent.due_s[-1], 0.0),
        lag_s=lags_s[3][-1],
        lag_growth_s=float(np.mean(lags_s[3]) - np.mean(lags_s[2])),
        cpu_ms_per_1000_rows=cpu_ms,
    )
