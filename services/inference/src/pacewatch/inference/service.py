"""Processes a batch of readings from storage to alerts: which are scored, and which score is a device's current risk.

A batch is processed under the locks of its devices, which are taken first and in the order of their ids. So two batches
of one device are processed one after the other, and batches may arrive in any order: a late reading causes the later
readings to be scored again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

import asyncpg
import numpy as np

from pacewatch.contracts.devices import DeviceRegistered
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.telemetry import Mode, TelemetryAccepted
from pacewatch.inference import metrics
from pacewatch.inference.alerts import service as alerts
from pacewatch.inference.errors import ForeignProfile
from pacewatch.inference.models import repository as models
from pacewatch.inference.models.loader import ActiveModel, ModelLoader
from pacewatch.inference.register import repository as attributes
from pacewatch.inference.scoring import events, repository, scorer
from pacewatch.inference.scoring.levels import count_moves
from pacewatch.inference.scoring.repository import Origin
from pacewatch.inference.scoring.scorer import Lack
from pacewatch.inference.settings import InferenceSettings
from pacewatch.inference.windows import devices
from pacewatch.inference.windows import loader as window_loader
from pacewatch.inference.windows import readings as readings_table
from pacewatch.inference.windows.cache import WindowCache
from pacewatch.inference.windows.devices import LockedDevices
from pacewatch.kit import clock, db, logs
from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.db import Session
from pacewatch.ml.features.compute import feature_set_hash

Result = TypeVar("Result")

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Inference:
    """What scoring needs beside the database; `cache` is this process's own."""

    profile: Profile
    settings: InferenceSettings
    models: ModelLoader
    cache: WindowCache


@dataclass(frozen=True, slots=True)
class Task:
    """Readings of locked devices to score with `model`, the active one when the locks were held.

    `arrived` are the readings of this transaction, `new` the keys of those that were not stored before. `store` is set
    if all of them are new: then they are stored while their scores are computed. Otherwise they are stored already.
    A device's newest reading may raise an alert, and so may those with the keys `may_raise`.
    """

    model: ActiveModel
    wanted: Readings
    locked: LockedDevices
    arrived: Readings
    new: Readings
    batch_id: UUID
    known_batch: int
    reason: str
    may_raise: Readings = field(default_factory=Readings.empty)
    store: Callable[[], Awaitable[None]] | None = None


async def process_batch(session: Session, inference: Inference, event: TelemetryAccepted) -> None:
    """Store a batch, and score its live readings and those stored before whose windows it completes.

    ForeignProfile if the readings are of another fleet's profile.
    """
    if event.profile != inference.profile.name:
        raise ForeignProfile(f"this deployment serves {inference.profile.name}, not {event.profile}")
    if not event.readings.device_ids:
        return
    connection = await db.driver(session)
    arrived, live = readings_table.from_event(inference.profile, event.readings), event.mode is Mode.LIVE
    found = await devices.lock_devices(connection, arrived)
    model = await inference.models.active(connection)
    number = await devices.next_batch(connection)
    if live and model and found.all_newer(arrived):
        new, store = arrived.keys, partial(readings_table.copy, connection, arrived, number, live=live)
    else:
        new, store = await readings_table.store(connection, inference.profile, arrived, number, live=live), None
    locked = found.after_storing(arrived, new)
    wanted = await _to_score(connection, inference, locked, new, live=live)
    scored = Readings.empty().device_ids
    if model:
        overtaken = _overtaken(inference.profile, event, locked, new)
        task = Task(model, wanted, locked, arrived, new, event.batch_id, number, event.mode, overtaken, store)
        scored = await _score(session, inference, task)
    elif len(wanted):
        await devices.mark_unscored(connection, wanted)
    await devices.set_newest(connection, locked.where(~np.isin(locked.device_ids, scored)))


def _overtaken(profile: Profile, event: TelemetryAccepted, locked: LockedDevices, new: Readings) -> Readings:
    """Keys of readings that came to ingest in time, each the newest of its device in its batch, but here after a newer.

    Events arrive in any order, and one that was lost is published again: a danger must not pass without an alert.
    """
    newest_in_batch = np.append(np.diff(new.device_ids) != 0, True)[: len(new)]
    in_time = new.timestamps_s > event.received_at.timestamp() - profile.late_after_s
    return new.where(newest_in_batch & in_time & (new.timestamps_s < locked.newest_of(new)))


async def store_attributes(session: Session, event: DeviceRegistered) -> None:
    """Store what the register says of devices: later scores use it, and no stored score depends on it.

    Under the locks of the devices, so that a score, which names the last batch it is based on, says by that which
    entries were known.
    """
    connection = await db.driver(session)
    await devices.lock_known(connection, sorted({entry.device_id for entry in event.entries}))
    await attributes.store(connection, event.entries, await devices.next_batch(connection))


async def rescore_devices(session: Session, inference: Inference) -> int:
    """Score newest readings of devices that have no score, and readings that arrived unscored.

    A device that has a score keeps it until its next reading: what the active model says of its newest one is only
    counted. Returns how many devices were considered. A reading older than the horizon stays unscored, unless it is the
    newest of its device: its score would concern days that are over. A process that falls back to an older model takes
    only devices that were not considered even under that one, and readings without a score. So it never replaces scores
    of another process by the newest model.
    """
    connection = await db.driver(session)
    model = await inference.models.active(connection)
    if model is None:
        return 0
    sequence, limit = model.activation.sequence, inference.settings.rescore_devices
    locked = await devices.lock_to_score(connection, sequence, limit)
    if not len(locked):
        return 0
    model = await inference.models.active(connection) or model
    device_ids, window_s = locked.device_ids.tolist(), inference.profile.longest_window_days * SECONDS_PER_DAY
    after_s = int(clock.now_s() - inference.profile.label.horizon_s)
    wanted, may_raise = await repository.unscored(connection, device_ids, sequence, after_s, window_s)
    await _count_moves(connection, inference, model, device_ids)
    await devices.set_considered(connection, device_ids, sequence)
    none, known_batch = Readings.empty(inference.profile.signal_names), await devices.last_batch(connection)
    task = Task(model, wanted, locked, none, none.keys, uuid4(), known_batch, "activation", may_raise)
    await _score(session, inference, task)
    return len(locked)


async def _count_moves(
    connection: asyncpg.Connection, inference: Inference, model: ActiveModel, device_ids: Sequence[int]
) -> None:
    """Count the devices whose level `model` will move, by what it says of the readings they are judged by now."""
    activation = model.activation
    wanted, before = await repository.scored_before(connection, device_ids, activation.sequence)
    if not len(wanted):
        return
    readings = await readings_table.load(connection, inference.profile, wanted)
    register = await attributes.load(connection, inference.profile, wanted.device_ids, attributes.ALL_BATCHES)
    arguments = (model.engine, activation.threshold, readings, wanted, register)
    scores, _ = await asyncio.to_thread(scorer.score, *arguments)
    up, down = count_moves(before, [verdict.level for verdict in scores.each_verdict()])
    await models.add_moves(connection, activation.sequence, up, down)
    log.info("levels_compared", version=activation.version, devices=len(wanted), will_rise=up, will_fall=down)


async def lack_of(connection: asyncpg.Connection, profile: Profile, device_id: int, timestamp_s: int) -> Lack:
    """What a stored reading lacks; nothing if it is no longer stored."""
    wanted = Readings.of_pairs([(device_id, timestamp_s)])
    readings = await readings_table.load(connection, profile, wanted)
    register = await attributes.load(connection, profile, wanted.device_ids, attributes.ALL_BATCHES)
    return scorer.lacks_of(profile, readings, wanted, register)[0] if wanted.among(readings).all() else Lack([], "")


async def _score(session: Session, inference: Inference, task: Task) -> Ints:
    """Score, and write everything that follows in this transaction. Returns the devices that got a new risk."""
    began_s = time.perf_counter()
    connection = await db.driver(session)
    wanted, nobody = _with_unpruned_windows(inference, task), Readings.empty().device_ids
    if not len(wanted):
        return nobody
    readings = await window_loader.load(
        connection, inference.profile, inference.cache, task.locked, task.arrived, wanted, stored=task.store is None
    )
    register = await attributes.load(connection, inference.profile, wanted.device_ids, task.known_batch)
    model = task.model
    arguments = (model.engine, model.activation.threshold, readings, wanted, register)
    computing = asyncio.to_thread(scorer.score, *arguments)
    scores, explain = await _while_running(task.store() if task.store else None, computing)
    profile = model.engine.profile  # with the predictors of the model, which may be of an earlier release
    origin = Origin(model.activation, feature_set_hash(profile), task.batch_id, task.known_batch, clock.now())
    newest = scores.readings.timestamps_s == task.locked.newest_of(scores.readings)
    current = scores.where(newest)
    judged = newest | scores.readings.among(task.may_raise) if len(task.may_raise) else newest
    setting = repository.set_current(connection, task.locked, current, origin)
    facts = await _while_running(setting, asyncio.to_thread(explain))
    first = scores.readings.among(task.new)
    await repository.add_predictions(connection, scores, facts, origin, first)
    await alerts.open_and_close_alerts(
        session,
        profile,
        inference.settings,
        origin,
        scores.where(judged),
        facts.where(judged),
        newest[judged],
    )
    await events.emit_risk_scored(session, origin, scores)
    metrics.SCORED_ROWS.labels(task.reason).inc(len(scores))
    metrics.SCORING_SECONDS.labels("total").observe(time.perf_counter() - began_s)
    return current.readings.device_ids


async def _to_score(
    connection: asyncpg.Connection, inference: Inference, locked: LockedDevices, new: Readings, *, live: bool
) -> Readings:
    """Keys of the new live readings, and of readings whose windows the new late readings complete; sorted."""
    wanted = new if live else Readings.empty()
    late = new.where(new.timestamps_s < locked.newest_of(new))
    if not len(late):
        return wanted
    window_s = inference.profile.longest_window_days * SECONDS_PER_DAY
    depending = await repository.depending_on(connection, late, window_s)
    return Readings.of_pairs([*wanted.pairs(), *depending.pairs()])


def _with_unpruned_windows(inference: Inference, task: Task) -> Readings:
    """The wanted readings without those so old that earlier readings of their windows may be pruned."""
    late_s = inference.settings.late_days * SECONDS_PER_DAY
    return task.wanted.where(task.wanted.timestamps_s > task.locked.newest_of(task.wanted) - late_s)


async def _while_running(statement: Awaitable[None] | None, computing: Awaitable[Result]) -> Result:
    """Compute in a thread while PostgreSQL runs a statement, and wait for both.

    Also when the computation fails: nothing else may use the connection while the statement runs.
    """
    running = asyncio.ensure_future(statement) if statement else None
    try:
        return await computing
    finally:
        if running:
            await running
