"""How long inference takes from a message to committed predictions, beside the bare model on the same rows.

The real consumer, handler and PostgreSQL, in a process that has been at work for days; the rival is scikit-learn's own
`predict_proba`, called in the same process right after, on the predictors of the same readings.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np

from pacewatch.contracts.models import ArtifactReference
from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode, Readings, TelemetryAccepted
from pacewatch.inference.handlers import HANDLERS
from pacewatch.inference.jobs import rescore
from pacewatch.inference.module import create_inference
from pacewatch.inference.service import Inference
from pacewatch.inference.windows import readings as window_readings
from pacewatch.kit import clock, db
from pacewatch.kit.blobs import open_store
from pacewatch.kit.columns.readings import Readings as Columns
from pacewatch.kit.messaging.bus import Verdict
from pacewatch.kit.messaging.consumer import Consumer
from pacewatch.kit.messaging.envelope import Envelope
from pacewatch.kit.module import bind
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.features.compute import predictor_matrix
from pacewatch.ml.models.ml_engine import MLEngine
from pacewatch.simulator.fleet.fleet import Fleet
from support.models import Packed, activated

FLEET, SCORED = 1_060, 1_000  # so many of so many send on a day, more or less
PAST_DAYS, WARM_DAYS = 45, 5
BARE_CALLS = 3
PAUSE_S = 0.3  # boosting's OpenMP threads go on spinning after a call, and would slow down what is measured next


@dataclass(frozen=True)
class Speed:
    """Medians over days, times in milliseconds; `ratio` is the median of the days' ratios."""

    algorithm: str
    devices: int
    scoring_ms: float
    bare_ms: float
    ratio: float


def events(days: int) -> Iterator[TelemetryAccepted]:
    """First the past, as backfill; then a day at a time, one new reading of each device that sent that day."""
    start_s = int(clock.now_s()) // SECONDS_PER_DAY * SECONDS_PER_DAY - (PAST_DAYS + days) * SECONDS_PER_DAY
    fleet = Fleet(FLEET, start_s, 1.0, 5, refill=True)
    for number in range(PAST_DAYS + days):
        day = fleet.step()
        readings = day.readings[day.readings["timestamp_s"] >= day.date_s]
        readings = readings[np.unique(readings["device_id"], return_index=True)[1]]
        yield event(Mode.BACKFILL if number < PAST_DAYS else Mode.LIVE, readings)


def event(mode: Mode, readings: np.ndarray) -> TelemetryAccepted:
    """Readings, by device and time, as ingest announces them."""
    return TelemetryAccepted(
        batch_id=uuid4(),
        mode=mode,
        profile=PACEMAKER.name,
        received_at=clock.now(),
        readings=Readings(
            device_ids=readings["device_id"].tolist(),
            timestamps_s=readings["timestamp_s"].tolist(),
            signals={name: readings[name].tolist() for name in PACEMAKER.signal_names},
        ),
    )


def enveloped(one: TelemetryAccepted) -> Envelope:
    """As it comes off the bus."""
    return Envelope(
        id=uuid4(),
        type=one.type,
        source="/pacewatch/ingest",
        subject=one.subject(),
        time=datetime.now(UTC),
        correlation_id="bench",
        causation_id="",
        schema_version=one.schema_version,
        data=one.model_dump_json().encode(),
    )


async def stored(settings: KitSettings, engine: MLEngine) -> Packed:
    """Sign `engine` and put it where artifacts are."""
    about = {"metrics": {}, "dataset": {}, "run_id": "bench", "commit": "bench"}
    created_at = datetime.now(UTC) + timedelta(days=365)  # a version no training run has
    content, manifest, signature = artifact.pack(
        engine, settings.artifact_keys().private(), created_at=created_at, **about
    )
    uri = await open_store(settings.artifact_url).put(f"models/{manifest.sha256}.joblib", content)
    signed = {"manifest_json": manifest.canonical_json(), "signature": signature}
    return Packed(manifest.version, ArtifactReference(uri=uri, sha256=manifest.sha256, **signed))


async def activate(database: db.Database, model: Packed, sequence: int, threshold: float) -> None:
    """As the registry's word has it."""
    async with database.transaction("inference") as session:
        await rescore.begin(session, activated(model, sequence, threshold))


async def measure(database: db.Database, settings: KitSettings, engine: MLEngine, model: Packed, days: int) -> Speed:
    """Empty the service's tables, let it live through the past and `days` more, and time those."""
    async with database.transaction("inference") as session:
        tables = ("readings", "devices", "predictions", "models", "episodes", "outbox", "inbox")
        await (await db.driver(session)).execute("TRUNCATE " + ", ".join(f"inference.{name}" for name in tables))
    await activate(database, model, 1, engine.threshold)
    inference = create_inference(settings)
    handlers = bind("inference", HANDLERS, inference=inference)
    consumer = Consumer(database, next(one for one in handlers if TelemetryAccepted in one.events))
    scored, scoring_s, bare_s = [], [], []
    for number, one in enumerate(events(WARM_DAYS + days)):
        envelope = enveloped(one)
        began_s = time.perf_counter()
        assert await consumer.deliver(envelope) is Verdict.DONE
        took_s = time.perf_counter() - began_s
        if number >= PAST_DAYS + WARM_DAYS:
            x = await predictors(database, inference, one)
            scored.append(len(x))
            scoring_s.append(took_s)
            bare_s.append(bare(engine, x))
            await asyncio.sleep(PAUSE_S)
    ratios = [whole / alone for whole, alone in zip(scoring_s, bare_s, strict=True)]
    figures = (1_000 * statistics.median(scoring_s), 1_000 * statistics.median(bare_s), statistics.median(ratios))
    return Speed(engine.parameters.algorithm, int(statistics.median(scored)), *figures)


async def predictors(database: db.Database, inference: Inference, one: TelemetryAccepted) -> np.ndarray:
    """The model's input for the readings of an event that were scored: all but those of devices without a past."""
    async with database.transaction("inference") as session:
        connection = await db.driver(session)
        query = "SELECT device_id, timestamp_s FROM inference.predictions WHERE batch_id = $1"
        wanted = window_readings.keys_of(await connection.fetch(query, one.batch_id))
        assert len(wanted) > 0.9 * SCORED, f"only {len(wanted)} scores"
        rows = await window_readings.load(connection, inference.profile, wanted)
    chosen = np.zeros(len(rows.keys), dtype=bool)
    chosen[rows.positions(wanted)] = True
    return predictor_matrix(PACEMAKER, Columns(rows.keys.device_ids, rows.keys.timestamps_s, rows.signals), only=chosen)


def bare(engine: MLEngine, x: np.ndarray) -> float:
    """Seconds of scikit-learn's own `predict_proba`, the best of a few calls: on busy cores its threads spin."""
    single, took_s = x.astype(np.float32), []
    for _ in range(BARE_CALLS):
        began_s = time.perf_counter()
        engine._estimator.predict_proba(single)
        took_s.append(time.perf_counter() - began_s)
    return min(took_s)
