"""Decides what a batch of readings means: which are scored, which score is a device's risk, which episode begins.

Everything of one batch happens under the locks of its devices, taken first and in the order of their ids. That is what
makes handlers indifferent to order: two batches of one device follow each other, and a reading that comes late makes
the later ones, already scored or still waiting for history, be scored once more.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.telemetry import Mode, TelemetryAccepted
from pacewatch.inference import alarms, metrics, repository, scoring, windows
from pacewatch.inference.errors import ForeignProfile
from pacewatch.inference.loader import ActiveModel, Loader
from pacewatch.inference.repository import Origin
from pacewatch.inference.scoring import Score
from pacewatch.inference.settings import InferenceSettings
from pacewatch.inference.windows import Keys, Rows
from pacewatch.kit import clock, db
from pacewatch.kit.db import Session
from pacewatch.ml.features import feature_set_hash


@dataclass(frozen=True, slots=True)
class Inference:
    """What scoring needs beside the database."""

    profile: Profile
    settings: InferenceSettings
    loader: Loader


@dataclass(frozen=True, slots=True)
class Task:
    """Readings of locked devices to score, and each device's newest Unix second."""

    wanted: Keys
    newest_s: Mapping[int, int]
    batch_id: UUID
    reason: str


async def take(session: Session, inference: Inference, event: TelemetryAccepted) -> None:
    """Store a batch and score what is live in it, and what it completes; ForeignProfile if it is not of our fleet."""
    if event.profile != inference.profile.name:
        raise ForeignProfile(f"this deployment serves {inference.profile.name}, not {event.profile}")
    connection = await db.driver(session)
    readings, live = event.readings, event.mode is Mode.LIVE
    newest_s = await repository.lock_devices(connection, readings.device_ids, readings.timestamps_s)
    new = await windows.store(connection, inference.profile, readings, live=live)
    late = new.where(np.array([second < newest_s[device] for device, second in new.pairs()], dtype=bool))
    wanted = set(new.pairs()) if live else set()
    if len(late):
        span_s = inference.profile.longest_window_days * SECONDS_PER_DAY
        wanted |= set((await repository.depending_on(connection, late, span_s)).pairs())
    await score(session, inference, Task(windows.keys_of(wanted), newest_s, event.batch_id, event.mode))


async def rescore(session: Session, inference: Inference) -> int:
    """Judge newest readings under the active model that were last judged under an older one; how many were taken on.

    A process that has to fall back to an older model takes on only what was not even judged under that one: it never
    undoes what another process has scored with the newest.
    """
    connection = await db.driver(session)
    model = await inference.loader.usable(await repository.activations(connection))
    if model is None:
        return 0
    sequence, limit = model.activation.sequence, inference.settings.rescore_devices
    newest = await repository.lock_unconsidered(connection, sequence, limit)
    await repository.set_considered(connection, newest.device_ids.tolist(), sequence)
    await score(session, inference, Task(newest, dict(newest.pairs()), uuid4(), "activation"))
    return len(newest)


async def score(session: Session, inference: Inference, task: Task) -> None:
    """Score with the active model, and let all that follows commit with it; nothing while no model is active.

    The active model is asked for under the locks, so an activation that commits meanwhile finds these devices later.
    """
    if not len(task.wanted):
        return
    began_s = time.perf_counter()
    connection = await db.driver(session)
    model = await inference.loader.usable(await repository.activations(connection))
    wanted = _not_too_late(inference, task)
    if model is None or not len(wanted):
        return
    rows = await windows.load(connection, inference.profile, wanted)
    scores = await asyncio.to_thread(_compute, inference, model, rows, wanted)
    if not scores:
        return
    origin = Origin(model.activation, feature_set_hash(inference.profile), task.batch_id, clock.now())
    current = [one for one in scores if one.timestamp_s == task.newest_s[one.device_id]]
    await repository.add_predictions(connection, scores, origin)
    await repository.set_current(connection, current, origin)
    horizon_s = inference.profile.label.horizon_s
    await alarms.sound(session, inference.settings, origin, rows, current, horizon_s=horizon_s)
    await alarms.tell_scored(session, origin, scores)
    metrics.SCORED_ROWS.labels(task.reason).inc(len(scores))
    metrics.SCORING_SECONDS.labels("total").observe(time.perf_counter() - began_s)


def _not_too_late(inference: Inference, task: Task) -> Keys:
    """Without readings so old that the ones before them may have been pruned already."""
    late_s = inference.settings.late_days * SECONDS_PER_DAY
    kept = [second > task.newest_s[device] - late_s for device, second in task.wanted.pairs()]
    return task.wanted.where(np.array(kept, dtype=bool))


def _compute(inference: Inference, model: ActiveModel, rows: Rows, wanted: Keys) -> list[Score]:
    least_s = inference.settings.least_history_hours * 3_600
    ready = scoring.with_history(rows, wanted, inference.profile, least_s)
    return scoring.score(model.engine, model.activation.threshold, rows, ready)
