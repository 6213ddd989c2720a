"""Decides what a batch of readings means: which are scored, which score is a device's risk, which episode begins.

Everything of one batch happens under the locks of its devices, taken first and in the order of their ids. That is what
makes handlers indifferent to order: two batches of one device follow each other, and a reading that comes late makes
the later ones, already scored or still waiting for history, be scored once more.
"""

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.telemetry import Mode, TelemetryAccepted
from pacewatch.inference import alarms, metrics, recent, repository, scoring, windows
from pacewatch.inference.cache import WindowCache
from pacewatch.inference.errors import ForeignProfile
from pacewatch.inference.loader import ActiveModel, Loader
from pacewatch.inference.recent import Locked
from pacewatch.inference.repository import Origin
from pacewatch.inference.scoring import Scores
from pacewatch.inference.settings import InferenceSettings
from pacewatch.inference.windows import NO_KEYS, NO_ROWS, Ints, Keys, Rows
from pacewatch.kit import clock, db
from pacewatch.kit.db import Session
from pacewatch.ml.features import feature_set_hash


@dataclass(frozen=True, slots=True)
class Inference:
    """What scoring needs beside the database; `cache` is this process's own."""

    profile: Profile
    settings: InferenceSettings
    loader: Loader
    cache: WindowCache


@dataclass(frozen=True, slots=True)
class Task:
    """Readings of locked devices to score, and those that this transaction stored: `arrived`, of which `new` count."""

    wanted: Keys
    locked: Locked
    arrived: Rows
    new: Keys
    batch_id: UUID
    reason: str


async def take(session: Session, inference: Inference, event: TelemetryAccepted) -> None:
    """Store a batch and score what is live in it, and what it completes; ForeignProfile if it is not of our fleet."""
    if event.profile != inference.profile.name:
        raise ForeignProfile(f"this deployment serves {inference.profile.name}, not {event.profile}")
    if not event.readings.device_ids:
        return
    connection = await db.driver(session)
    arrived, live = windows.as_rows(event.readings), event.mode is Mode.LIVE
    found = await repository.lock_devices(connection, arrived.keys)
    new = await windows.store(connection, inference.profile, event.readings, live=live)
    locked = found.after_storing(arrived.keys, new)
    wanted = new if live else NO_KEYS
    late = new.where(new.timestamps_s < locked.newest_of(new))
    if len(late):
        span_s = inference.profile.longest_window_days * SECONDS_PER_DAY
        depending = await repository.depending_on(connection, late, span_s)
        wanted = windows.keys_of([*wanted.pairs(), *depending.pairs()])
    scored = await score(session, inference, Task(wanted, locked, arrived, new, event.batch_id, event.mode))
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
    newest = Keys(locked.device_ids, locked.newest_s)
    await score(session, inference, Task(newest, locked, NO_ROWS, NO_KEYS, uuid4(), "activation"))
    return len(newest)


async def score(session: Session, inference: Inference, task: Task) -> Ints:
    """Score with the active model, and let all that follows commit with it; the devices that got a new risk.

    The active model is asked for under the locks, so an activation that commits meanwhile finds these devices later.
    Nothing happens while no model is active.
    """
    if not len(task.wanted):
        return NO_KEYS.device_ids
    began_s = time.perf_counter()
    connection = await db.driver(session)
    model = await _usable(connection, inference)
    wanted = _not_too_late(inference, task)
    if model is None or not len(wanted):
        return NO_KEYS.device_ids
    rows = await recent.load(connection, inference.profile, inference.cache, task.locked, task.arrived, wanted)
    scores = await asyncio.to_thread(_compute, inference, model, rows, wanted)
    if scores is None:
        return NO_KEYS.device_ids
    origin = Origin(model.activation, feature_set_hash(inference.profile), task.batch_id, clock.now())
    current = scores.where(scores.keys.timestamps_s == task.locked.newest_of(scores.keys))
    await repository.add_predictions(connection, scores, origin, first=windows.among(scores.keys, task.new))
    await repository.set_current(connection, task.locked, current, origin)
    await alarms.sound(session, inference.settings, origin, rows, current, profile=inference.profile)
    await alarms.tell_scored(session, origin, scores)
    metrics.SCORED_ROWS.labels(task.reason).inc(len(scores))
    metrics.SCORING_SECONDS.labels("total").observe(time.perf_counter() - began_s)
    return current.keys.device_ids


async def _usable(connection: asyncpg.Connection, inference: Inference) -> ActiveModel | None:
    loader = inference.loader
    return await loader.usable(await repository.activations(connection, loader.read))


def _not_too_late(inference: Inference, task: Task) -> Keys:
    """Without readings so old that the ones before them may have been pruned already."""
    late_s = inference.settings.late_days * SECONDS_PER_DAY
    return task.wanted.where(task.wanted.timestamps_s > task.locked.newest_of(task.wanted) - late_s)


def _compute(inference: Inference, model: ActiveModel, rows: Rows, wanted: Keys) -> Scores | None:
    least_s = inference.settings.least_history_hours * 3_600
    ready = scoring.with_history(rows, wanted, inference.profile, least_s)
    return scoring.score(model.engine, model.activation.threshold, rows, ready) if len(ready) else None
