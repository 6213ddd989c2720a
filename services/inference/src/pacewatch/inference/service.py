"""Decides what a batch of readings means: which are scored, which score is a device's risk, which episode begins.

Everything of one batch happens under the locks of its devices, taken first and in the order of their ids. That is what
makes handlers indifferent to order: two batches of one device follow each other, and a reading that comes late makes
the later ones, already scored or still waiting for history, be scored once more.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

import asyncpg
import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.telemetry import Mode, TelemetryAccepted
from pacewatch.inference import metrics
from pacewatch.inference.alerts import service as alerts
from pacewatch.inference.errors import ForeignProfile
from pacewatch.inference.models.loader import ActiveModel, Loader
from pacewatch.inference.scoring import repository, scorer
from pacewatch.inference.scoring.repository import Origin
from pacewatch.inference.scoring.scorer import Explain, Scores
from pacewatch.inference.settings import InferenceSettings
from pacewatch.inference.windows import loader as window_loader
from pacewatch.inference.windows import readings as window_readings
from pacewatch.inference.windows.cache import WindowCache
from pacewatch.inference.windows.loader import Locked
from pacewatch.inference.windows.readings import NO_KEYS, Keys, Rows
from pacewatch.kit import clock, db
from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.db import Session
from pacewatch.ml.features.compute import feature_set_hash

Computed = TypeVar("Computed")


@dataclass(frozen=True, slots=True)
class Inference:
    """What scoring needs beside the database; `cache` is this process's own."""

    profile: Profile
    settings: InferenceSettings
    loader: Loader
    cache: WindowCache


@dataclass(frozen=True, slots=True)
class Task:
    """Readings of locked devices to score with `model`, which was asked for under the locks.

    `arrived` are those that this transaction stores, and `new` those of them that were not there. `storing` is for a
    batch of nothing else: it can be stored while its scores are computed, and is not before.
    """

    model: ActiveModel
    wanted: Keys
    locked: Locked
    arrived: Rows
    new: Keys
    batch_id: UUID
    known_batch: int
    reason: str
    storing: Callable[[], Awaitable[None]] | None = None


async def take(session: Session, inference: Inference, event: TelemetryAccepted) -> None:
    """Store a batch and score what is live in it, and what it completes; ForeignProfile if it is not of our fleet."""
    if event.profile != inference.profile.name:
        raise ForeignProfile(f"this deployment serves {inference.profile.name}, not {event.profile}")
    if not event.readings.device_ids:
        return
    connection = await db.driver(session)
    arrived, live = window_readings.as_rows(event.readings), event.mode is Mode.LIVE
    found = await repository.lock_devices(connection, arrived.keys)
    model = await _usable(connection, inference)
    number = await repository.next_batch(connection)
    batch = (connection, inference.profile, arrived, number)
    if live and model and found.knows_none_of(arrived.keys):
        new, storing = arrived.keys, partial(window_readings.copy, *batch, live=live)
    else:
        new, storing = await window_readings.store(*batch, live=live), None
    locked = found.after_storing(arrived.keys, new)
    wanted = await _to_score(connection, inference, locked, new, live=live)
    scored = NO_KEYS.device_ids
    if model:
        task = Task(model, wanted, locked, arrived, new, event.batch_id, number, event.mode, storing)
        scored = await score(session, inference, task)
    await repository.note(connection, locked.where(~np.isin(locked.device_ids, scored)))


async def rescore(session: Session, inference: Inference) -> int:
    """Judge newest readings under the active model that were last judged under an older one; how many were taken on.

    A process that has to fall back to an older model takes on only what was not even judged under that one: it never
    undoes what another process has scored with the newest.
    """
    connection = await db.driver(session)
    model = await _usable(connection, inference)
    if model is None:
        return 0
    sequence, limit = model.activation.sequence, inference.settings.rescore_devices
    locked = await repository.lock_unconsidered(connection, sequence, limit)
    await repository.set_considered(connection, locked.device_ids.tolist(), sequence)
    newest, known = Keys(locked.device_ids, locked.newest_s), await repository.last_batch(connection)
    if model := await _usable(connection, inference):
        none = window_readings.no_rows(inference.profile)
        await score(session, inference, Task(model, newest, locked, none, NO_KEYS, uuid4(), known, "activation"))
    return len(newest)


async def score(session: Session, inference: Inference, task: Task) -> Ints:
    """Score, and let all that follows commit with it; the devices that got a new risk."""
    wanted = _not_too_late(inference, task)
    if not len(wanted):
        return NO_KEYS.device_ids
    began_s = time.perf_counter()
    connection = await db.driver(session)
    before = task.storing is not None
    rows = await window_loader.load(
        connection, inference.profile, inference.cache, task.locked, task.arrived, wanted, before=before
    )
    computing = asyncio.to_thread(_compute, inference, task.model, rows, wanted)
    scored = await _both(computing, task.storing() if task.storing else asyncio.sleep(0))
    if scored is None:
        return NO_KEYS.device_ids
    scores, explain = scored
    feature_hash = feature_set_hash(inference.profile)
    origin = Origin(task.model.activation, feature_hash, task.batch_id, task.known_batch, clock.now())
    newest = scores.keys.timestamps_s == task.locked.newest_of(scores.keys)
    current = scores.where(newest)
    setting = repository.set_current(connection, task.locked, current, origin)
    reasons = await _both(asyncio.to_thread(explain), setting)
    first = window_readings.among(scores.keys, task.new)
    await repository.add_predictions(connection, scores, reasons, origin, first)
    profile, told = inference.profile, reasons.where(newest)
    await alerts.sound(session, inference.settings, origin, rows, current, told, profile=profile)
    await alerts.tell_scored(session, origin, scores)
    metrics.SCORED_ROWS.labels(task.reason).inc(len(scores))
    metrics.SCORING_SECONDS.labels("total").observe(time.perf_counter() - began_s)
    return current.keys.device_ids


async def _usable(connection: asyncpg.Connection, inference: Inference) -> ActiveModel | None:
    loader = inference.loader
    return await loader.usable(await repository.activations(connection, loader.read))


async def _to_score(
    connection: asyncpg.Connection, inference: Inference, locked: Locked, new: Keys, *, live: bool
) -> Keys:
    """What is new and live, and what new readings that came late complete; sorted."""
    wanted = new if live else NO_KEYS
    late = new.where(new.timestamps_s < locked.newest_of(new))
    if not len(late):
        return wanted
    span_s = inference.profile.longest_window_days * SECONDS_PER_DAY
    depending = await repository.depending_on(connection, late, span_s)
    return window_readings.keys_of([*wanted.pairs(), *depending.pairs()])


def _not_too_late(inference: Inference, task: Task) -> Keys:
    """Without readings so old that the ones before them may have been pruned already."""
    late_s = inference.settings.late_days * SECONDS_PER_DAY
    return task.wanted.where(task.wanted.timestamps_s > task.locked.newest_of(task.wanted) - late_s)


async def _both(computing: Awaitable[Computed], stating: Awaitable[None]) -> Computed:
    """Wait for what a thread computes and for what PostgreSQL does meanwhile.

    For both, also when one fails: nobody else may use the connection before.
    """
    statement = asyncio.ensure_future(stating)
    try:
        return await computing
    finally:
        await statement


def _compute(inference: Inference, model: ActiveModel, rows: Rows, wanted: Keys) -> tuple[Scores, Explain] | None:
    least_s = inference.settings.least_history_hours * 3_600
    ready = scorer.with_history(rows, wanted, inference.profile, least_s)
    return scorer.score(model.engine, model.activation.threshold, rows, ready) if len(ready) else None
