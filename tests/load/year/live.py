"""A year through the real services in one process: a history, then quarter of a day after quarter of a day.

Fleet time stands still while the platform works, and jumps when everything sent is scored and every alert decided.
So a slow machine changes no figure.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
from load.year.record import Raised, Scored, Year
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.scoring.levels import Verdict, confirmed
from pacewatch.kit import clock
from pacewatch.kit.columns.readings import Readings
from pacewatch.launcher.client.api_client import get, post, post_days, post_devices, train
from pacewatch.launcher.demo.local_platform import LocalPlatform, local_platform
from pacewatch.simulator.day import Day, ReadingLog
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.follow import INGEST_PATH, OUTCOMES_PATH, ROWS_PER_POST
from pacewatch.simulator.sources.rows import outcome_rows, reading_rows

PARTS_PER_DAY = 4
PART_S = SECONDS_PER_DAY // PARTS_PER_DAY
QUIET_TIMEOUT_S, POLL_S = 300, 0.01
KNOWN_AFTER_DAYS = 31
"""The truth goes on for so long after the year, to judge its last mails."""

COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("days"))


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a fleet, for how long, and how often it trains."""

    devices: int
    enrich: float
    seed: int
    history_days: int
    live_days: int
    training_every_days: int

    def fleet(self) -> Fleet:
        """Its history ends today."""
        today_s = int(time.time()) // SECONDS_PER_DAY * SECONDS_PER_DAY
        start_s = today_s - (self.history_days + self.live_days) * SECONDS_PER_DAY
        return Fleet(self.devices, start_s, self.enrich, self.seed, refill=True)


@dataclass(slots=True)
class Exam:
    """The running platform, the fleet, and what was sent."""

    plan: Plan
    platform: LocalPlatform
    connection: asyncpg.Connection
    fleet: Fleet
    readings: list[ReadingLog] = field(default_factory=list)
    reported_s: dict[int, int] = field(default_factory=dict)

    async def quiet(self) -> None:
        """Wait until no event waits for its handlers. TimeoutError if that takes too long."""
        query = "SELECT EXISTS (SELECT FROM ingest.outbox) OR EXISTS (SELECT FROM inference.outbox)"
        async with asyncio.timeout(QUIET_TIMEOUT_S):
            while await self.connection.fetchval(query):
                await asyncio.sleep(POLL_S)

    async def load_history(self, progress: Progress) -> None:
        task = progress.add_task("history", total=self.plan.history_days)
        clock.start_at(self.fleet.start_s + self.plan.history_days * SECONDS_PER_DAY, 0)
        for _ in range(self.plan.history_days):
            day = self.fleet.step()
            await post_days(self.platform.client, self.fleet, [day], "backfill")
            self._note(day)
            progress.advance(task)
        await self.quiet()

    async def live(self, progress: Progress) -> None:
        task = progress.add_task("live", total=self.plan.live_days)
        for number in range(self.plan.live_days):
            if number % self.plan.training_every_days == 0:
                await self.train(progress)
            day = self.fleet.step()
            self.readings.append(day.readings)
            await post_devices(self.platform.client, self.fleet, day)
            for part in range(PARTS_PER_DAY):
                await self._send_part(day, day.date_s + part * PART_S)
            await self._send(OUTCOMES_PATH, outcome_rows(self.fleet.profile, day.outcomes))
            self._note(day)
            progress.advance(task)

    async def train(self, progress: Progress) -> None:
        """Settle labels, train, and wait for the gate's verdict and for everything that follows from it."""
        await post(self.platform.client, "/api/v1/labels/mature", None)
        began_s = time.monotonic()
        model = await train(self.platform.client, "every month of the exam")
        verdict, reason = model["judgement"]["verdict"], model["reason"]
        took_s = time.monotonic() - began_s
        progress.console.print(f"{clock.now():%Y-%m-%d} {took_s:4.0f} s  {model['algorithm']}: {verdict}; {reason}")
        if model["active"]:
            query = "SELECT EXISTS (SELECT FROM inference.devices WHERE considered_sequence < $1)"
            sequence = await self.connection.fetchval("SELECT max(sequence) FROM registry.activations")
            async with asyncio.timeout(QUIET_TIMEOUT_S):
                while await self.connection.fetchval(query, sequence):
                    await asyncio.sleep(POLL_S)

    async def _send_part(self, day: Day, from_s: int) -> None:
        received_s = day.readings["received_s"]
        rows = day.readings[(received_s >= from_s) & (received_s < from_s + PART_S)]
        clock.start_at(from_s + PART_S, 0)
        await self._send(INGEST_PATH, reading_rows(self.fleet.profile, rows), mode="live")
        await self.quiet()

    async def _send(self, path: str, rows: Sequence[Mapping[str, Any]], **parameters: str) -> None:
        for start in range(0, len(rows), ROWS_PER_POST):
            await post(self.platform.client, path, rows[start : start + ROWS_PER_POST], **parameters)

    def _note(self, day: Day) -> None:
        self.reported_s |= {outcome.device_id: day.end_s for outcome in day.outcomes}


async def live_year(plan: Plan, folder: Path, progress: Progress) -> Year:
    """Let the year pass, and return what happened."""
    settings = {"PACEWATCH_REGISTRY_TRAINING_INTERVAL_H": "0"}  # this exam says when
    fleet = plan.fleet()
    clock.start_at(fleet.start_s + plan.history_days * SECONDS_PER_DAY, 0)
    async with local_platform(folder, fleet.profile.name, extra=settings) as platform:
        connection = await asyncpg.connect(os.environ["PACEWATCH_DATABASE_URL"].replace("+asyncpg", ""))
        try:
            exam = Exam(plan, platform, connection, fleet)
            await exam.load_history(progress)
            from_s = int(clock.now_s())
            await exam.live(progress)
            to_s = int(clock.now_s())
            for _ in range(KNOWN_AFTER_DAYS):
                fleet.step()
            await _mails_sent(connection)
            readings = np.concatenate(exam.readings)
            return Year(
                *(from_s, to_s, await _raised(connection), await _scored(connection, readings)),
                *(readings, fleet.truth, exam.reported_s),
                dict(zip(fleet.register["device_id"], fleet.register["implanted_at"], strict=True)),
                await _models(platform),
            )
        finally:
            await connection.close()


async def _mails_sent(connection: asyncpg.Connection) -> None:
    waiting = """
        SELECT EXISTS (SELECT FROM notifier.deliveries WHERE status = 'queued')
            OR (SELECT count(*) FROM inference.episodes) > (SELECT count(*) FROM notifier.alerts)"""
    async with asyncio.timeout(QUIET_TIMEOUT_S):
        while await connection.fetchval(waiting):
            await asyncio.sleep(1)


async def _raised(connection: asyncpg.Connection) -> Raised:
    rows = await connection.fetch("""
        SELECT e.device_id, extract(epoch FROM e.opened_at)::float8,
            coalesce(extract(epoch FROM e.closed_at)::float8, 'Infinity'), coalesce(e.decided_by = 'limit', false),
            (SELECT count(*) FROM notifier.deliveries AS d WHERE d.alert_id = e.id AND d.status = 'sent')
        FROM inference.episodes AS e ORDER BY e.opened_at, e.device_id""")
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    types = (np.int64, np.float64, np.float64, np.bool_, np.int64)
    return Raised(*(np.array(column, dtype) for column, dtype in zip(columns, types, strict=True)))


async def _scored(connection: asyncpg.Connection, readings: ReadingLog) -> Scored:
    """Of all scores those that may open an episode: of the newest reading of their device, within the horizon."""
    rows = await connection.fetch(
        """
        SELECT device_id, timestamp_s, extract(epoch FROM scored_at)::float8, risk, model_version
        FROM inference.predictions WHERE verdict > $1 AND timestamp_s > extract(epoch FROM scored_at) - $2::bigint
        ORDER BY scored_at, device_id, timestamp_s""",
        *(Verdict.NO_HISTORY, PACEMAKER.label.horizon_s),
    )
    at_limit = _at_limit(readings)
    newest: dict[int, int] = {}
    kept: dict[tuple[int, float], tuple[Any, ...]] = {}
    for device, timestamp_s, at_s, risk, version in rows:
        if timestamp_s >= newest.get(device, 0):
            newest[device] = timestamp_s
            kept[device, at_s] = (device, at_s, risk, (device, timestamp_s) in at_limit, version)
    types = (np.int64, np.float64, np.float64, np.bool_, np.str_)
    return Scored(
        *(np.array(column, dtype) for column, dtype in zip(zip(*kept.values(), strict=True), types, strict=True))
    )


def _at_limit(log: ReadingLog) -> set[tuple[int, int]]:
    """The live readings with which a hard limit raises an alert."""
    _, first = np.unique(log[["device_id", "timestamp_s"]], return_index=True)
    log = log[first]
    signals = {name: log[name] for name in PACEMAKER.signal_names}
    readings = Readings(log["device_id"], log["timestamp_s"], signals)
    return set(readings.keys.where(confirmed(PACEMAKER, readings, np.arange(len(log)))).pairs())


async def _models(platform: LocalPlatform) -> list[dict[str, Any]]:
    """Every model, the oldest first."""
    found: list[dict[str, Any]] = []
    for page in count(1):
        answer = await get(platform.client, "/api/v1/models", page=page, size=50)
        found += answer["items"]
        if len(found) >= answer["total"]:
            return sorted(found, key=lambda model: model["version"])
    raise AssertionError
