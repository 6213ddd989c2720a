"""How long inference takes from a message to committed predictions, compared with the bare model on the same rows.

The real consumer, handler and PostgreSQL, in a process that has scored for days. The baseline is scikit-learn's own
`predict_proba`, called in the same process right after, on the predictors of the same readings.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from pacewatch.contracts.models import ArtifactReference
from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode, TelemetryAccepted
from pacewatch.inference.jobs import rescore
from pacewatch.inference.module import create_inference
from pacewatch.inference.service import Inference
from pacewatch.inference.windows import readings as readings_table
from pacewatch.kit import clock, db
from pacewatch.kit.blobs import open_store
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.messaging.bus import Verdict
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.features.compute import predictor_matrix
from pacewatch.ml.models.ml_engine import MLEngine
from pacewatch.simulator.fleet.fleet import Fleet
from support.inference.harness import TABLES
from support.inference.messages import envelope_of, telemetry_consumer, telemetry_event
from support.inference.models import Packed, activated

FLEET_DEVICES, SCORED_DEVICES = 1_060, 1_000  # about how many of the fleet send on one day
PAST_DAYS, WARM_DAYS = 45, 5
BARE_CALLS = 3
PAUSE_S = 0.3  # the OpenMP threads of boosting keep spinning after a call, which would slow the next measurement


@dataclass(frozen=True)
class Speed:
    """Medians over days, times in milliseconds; `ratio` is the median of the days' ratios."""

    algorithm: str
    devices: int
    scoring_ms: float
    bare_ms: float
    ratio: float


def events(days: int) -> Iterator[TelemetryAccepted]:
    """The past as backfill, then one event a day with one new reading of each device that sent that day."""
    start_s = int(clock.now_s()) // SECONDS_PER_DAY * SECONDS_PER_DAY - (PAST_DAYS + days) * SECONDS_PER_DAY
    fleet = Fleet(FLEET_DEVICES, start_s, 1.0, 5, refill=True)
    for number in range(PAST_DAYS + days):
        day = fleet.step()
        readings = day.readings[day.readings["timestamp_s"] >= day.date_s]
        readings = readings[np.unique(readings["device_id"], return_index=True)[1]]
        yield telemetry_event(Mode.BACKFILL if number < PAST_DAYS else Mode.LIVE, readings)


async def store_artifact(settings: KitSettings, engine: MLEngine) -> Packed:
    """Sign `engine` and store its artifact."""
    about = {"metrics": {}, "dataset": {}, "run_id": "bench", "commit": "bench"}
    created_at = datetime.now(UTC) + timedelta(days=365)  # a version no training run has
    content, manifest, signature = artifact.pack(
        engine, settings.artifact_keys().private(), created_at=created_at, **about
    )
    uri = await open_store(settings.artifact_url).put(f"models/{manifest.sha256}.joblib", content)
    signed = {"manifest_json": manifest.canonical_json(), "signature": signature}
    return Packed(manifest.version, ArtifactReference(uri=uri, sha256=manifest.sha256, **signed))


async def activate(database: db.Database, model: Packed, sequence: int, threshold: float) -> None:
    """Receive an activation."""
    async with database.transaction("inference") as session:
        await rescore.store_activation(session, activated(model, sequence, threshold))


async def measure(database: db.Database, settings: KitSettings, engine: MLEngine, model: Packed, days: int) -> Speed:
    """Empty the tables of inference, process the past and the warm-up days, then time `days` more."""
    async with database.transaction("inference") as session:
        await (await db.driver(session)).execute("TRUNCATE " + ", ".join(f"inference.{name}" for name in TABLES))
    await activate(database, model, 1, engine.threshold)
    inference = create_inference(settings)
    consumer = telemetry_consumer(database, inference)
    scored, scoring_s, bare_s = [], [], []
    for number, event in enumerate(events(WARM_DAYS + days)):
        envelope = envelope_of(event)
        began_s = time.perf_counter()
        assert await consumer.deliver(envelope) is Verdict.DONE
        took_s = time.perf_counter() - began_s
        if number >= PAST_DAYS + WARM_DAYS:
            x = await predictors(database, inference, event)
            scored.append(len(x))
            scoring_s.append(took_s)
            bare_s.append(bare(engine, x))
            await asyncio.sleep(PAUSE_S)
    ratios = [whole / alone for whole, alone in zip(scoring_s, bare_s, strict=True)]
    figures = (1_000 * statistics.median(scoring_s), 1_000 * statistics.median(bare_s), statistics.median(ratios))
    return Speed(engine.parameters.algorithm, int(statistics.median(scored)), *figures)


async def predictors(database: db.Database, inference: Inference, event: TelemetryAccepted) -> np.ndarray:
    """The model's input for the scored readings of an event: all but those of devices without enough history."""
    async with database.transaction("inference") as session:
        connection = await db.driver(session)
        query = "SELECT device_id, timestamp_s FROM inference.predictions WHERE batch_id = $1"
        wanted = Readings.of_pairs(await connection.fetch(query, event.batch_id))
        assert len(wanted) > 0.9 * SCORED_DEVICES, f"only {len(wanted)} scores"
        readings = await readings_table.load(connection, inference.profile, wanted)
    return predictor_matrix(PACEMAKER, readings, only=readings.among(wanted))


def bare(engine: MLEngine, x: np.ndarray) -> float:
    """Seconds of scikit-learn's own `predict_proba`, the best of a few calls: on busy cores its threads spin."""
    single, took_s = x.astype(np.float32), []
    for _ in range(BARE_CALLS):
        began_s = time.perf_counter()
        engine._estimator.predict_proba(single)
        took_s.append(time.perf_counter() - began_s)
    return min(took_s)
