"""Time of training on 2,000,000 readings, and of scoring a day of 1,000 devices: `make bench-train`.

Registry and trainer agent run as processes with RabbitMQ and PostgreSQL, on years of a simulated fleet in ingest's own
tables. Cold: from the request until the candidate arrives at the registry, with an empty cache. Memory: the highest
resident size of the training process. Then the pull of the next day, the features of every row in a separate process,
and scoring compared with scikit-learn's bare `predict_proba`. The last line is JSON.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import uvloop

sys.path.insert(0, str(Path(__file__).parents[1]))

from load.deployment import deploy
from pydantic import SecretStr
from support.inference import scoring_speed
from support.inference.models import Packed
from support.ingest.long_history import distinct, fleet_until_today, store, update_labels, without
from support.platform.processes import create_platform
from support.waiting import until

from pacewatch.contracts.models import ArtifactReference
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit import logs
from pacewatch.kit.blobs import open_store
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.features.compute import predictor_matrix
from pacewatch.ml.models.ml_engine import MLEngine
from pacewatch.ml.training.splits import rolling_origins
from pacewatch.ml.training.table import build_table
from pacewatch.simulator.day import ReadingLog
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.trainer_agent.data.pull import Pulled, pull

DEVICES = 1_000
GIB = 2**30 if sys.platform == "darwin" else 2**20  # ru_maxrss counts bytes there, KiB elsewhere
COLD_TIMEOUT_S = 1_800


@dataclass(frozen=True)
class Bench:
    """Servers, settings and data of all measurements."""

    folder: Path
    variables: dict[str, str]
    database: Database
    connection: asyncpg.Connection
    fleet: Fleet
    past: ReadingLog

    @property
    def settings(self) -> KitSettings:
        return KitSettings(
            database_url=SecretStr(self.variables["PACEWATCH_DATABASE_URL"]),
            secrets_dir=Path(self.variables["PACEWATCH_SECRETS_DIR"]),
            artifact_url=self.variables["PACEWATCH_ARTIFACT_URL"],
            log_level="WARNING",
        )


@asynccontextmanager
async def prepared(rows: int) -> AsyncIterator[Bench]:
    """Years of labelled readings and outcomes in a new database."""
    async with AsyncExitStack() as stack:
        own = await deploy(stack)
        database = Database(own.database_url)
        stack.push_async_callback(database.close)
        connection = await asyncpg.connect(own.dsn)
        stack.push_async_callback(connection.close)
        fleet, days = fleet_until_today(rows, DEVICES)
        readings = distinct(days)
        await store(database, readings, [outcome for day in days for outcome in day.outcomes])
        await update_labels(database, days[-1].end_s)
        report(f"{len(readings):,} readings of {len(np.unique(readings['device_id'])):,} devices over {len(days)} days")
        yield Bench(own.folder, own.settings, database, connection, fleet, readings)


async def cold(bench: Bench) -> float:
    """Seconds from the request of a training run until the registry has its candidate."""
    platform = create_platform(bench.variables, bench.folder, ("registry", "trainer-agent"))
    await platform.start()
    try:
        began_s = time.perf_counter()
        run = (await platform.post("training-runs", {"reason": "bench"})).raise_for_status().json()

        async def arrived() -> bool:
            status = (await platform.get(f"training-runs/{run['id']}")).raise_for_status().json()
            assert status["status"] not in ("failed", "cancelled"), status
            return bool((await platform.get("models")).raise_for_status().json()["total"])

        await until(arrived, timeout_s=COLD_TIMEOUT_S, every_s=0.2)
        return time.perf_counter() - began_s
    finally:
        await platform.stop()


async def incremental(bench: Bench, days: int) -> tuple[list[float], Pulled]:
    """Seconds of the pull after each further day, and the result of the last pull."""
    source = Database(bench.variables["PACEWATCH_DATABASE_URL"], pool_size=1, read_only=True)
    took_s, known = [], bench.past
    for _ in range(days):
        day = bench.fleet.step()
        arrived = without(distinct([day]), known)
        known = np.concatenate([known, arrived])
        await store(bench.database, arrived, day.outcomes)
        await update_labels(bench.database, day.end_s)
        began_s = time.perf_counter()
        pulled = await pull(source, PACEMAKER, Path(bench.variables["PACEWATCH_TRAINER_CACHE_DIR"]))
        took_s.append(time.perf_counter() - began_s)
        assert not pulled.rebuilt
        report(f"pull of a further day: {pulled.fetched:,} rows new or changed, {took_s[-1]:.2f} s")
    await source.close()
    return took_s, pulled


def features(path: Path) -> tuple[list[float], float]:
    """Seconds of computing all predictors of all rows, three times, and the highest resident GiB of the process."""
    arrays = dict(np.load(path))
    took_s = []
    for _ in range(3):
        began_s = time.perf_counter()
        predictor_matrix(PACEMAKER, Readings(arrays["device_id"], arrays["timestamp_s"], arrays))
        took_s.append(time.perf_counter() - began_s)
    return took_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB


def in_own_process(bench: Bench, pulled: Pulled) -> tuple[float, float]:
    """Median seconds and peak GiB of `features`."""
    path = bench.folder / "readings.npz"
    readings = pulled.readings
    np.savez(path, device_id=readings.device_ids, timestamp_s=readings.timestamps_s, **readings.signals)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        took_s, gib = pool.submit(features, path).result()
    return statistics.median(took_s), gib


async def chosen(bench: Bench) -> tuple[MLEngine, Packed]:
    """The model of the run, opened as inference opens it."""
    row = await bench.connection.fetchrow(
        "SELECT version, artifact_uri, artifact_sha256, manifest_json, signature FROM registry.models"
    )
    version, uri, sha256, manifest_json, signature = row
    reference = ArtifactReference(uri=uri, sha256=sha256, manifest_json=manifest_json, signature=signature)
    content = await open_store(bench.settings.artifact_url).get(uri)
    public = bench.settings.artifact_keys().public_keys()
    engine, manifest = artifact.unpack(content, manifest_json, signature, public, PACEMAKER)
    report(f"chosen: {manifest.algorithm}, roc_auc {manifest.metrics['roc_auc']:.3f}")
    return engine, Packed(version, reference)


def baseline(pulled: Pulled) -> MLEngine:
    """The random forest that every run fits."""
    table = build_table(PACEMAKER, pulled.readings, pulled.labels, {})
    labelled, now_s = pulled.readings.keys.where(pulled.labels >= 0), int(pulled.readings.timestamps_s.max())
    rolling = rolling_origins(labelled, PACEMAKER.label.horizon_s, now_s)
    engine = MLEngine(PACEMAKER, algorithm="random_forest")
    rows, _ = table.prepare(engine, rolling.settled)
    return engine.fit(rows.x, rows.labels)


async def scoring(bench: Bench, pulled: Pulled, days: int) -> Sequence[scoring_speed.Speed]:
    """Speed of the chosen model, then of the forest."""
    engine, model = await chosen(bench)
    pairs = [(engine, model)]
    if engine.parameters.algorithm != "random_forest":
        forest = baseline(pulled)
        pairs.append((forest, await scoring_speed.store_artifact(bench.settings, forest)))
    speeds = []
    for one, packed in pairs:
        speed = await scoring_speed.measure(bench.database, bench.settings, one, packed, days)
        speeds.append(speed)
        report(
            f"scoring {speed.devices:,} devices, {speed.algorithm}: {speed.scoring_ms:.1f} ms from message to "
            f"commit, bare predict_proba {speed.bare_ms:.1f} ms, ratio {speed.ratio:.2f}"
        )
    return speeds


async def main(rows: int, days: int) -> None:
    """Run all measurements and print the result."""
    async with prepared(rows) as bench:
        cold_s = await cold(bench)
        peak_gib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / GIB
        durations = await bench.connection.fetchval("SELECT durations_s FROM trainer_agent.runs")
        report(f"cold: {cold_s:.1f} s, of which {durations}; peak {peak_gib:.2f} GiB")
        pulls_s, pulled = await incremental(bench, 3)
        features_s, features_gib = in_own_process(bench, pulled)
        report(f"features of {len(pulled.labels):,} rows: {features_s:.2f} s, peak {features_gib:.2f} GiB")
        speeds = await scoring(bench, pulled, days)
    result: dict[str, Any] = {
        "bench": "train",
        "cold_s": round(cold_s, 1),
        "peak_gib": round(peak_gib, 2),
        "incremental_s": round(statistics.median(pulls_s), 2),
        "scoring_ratio": round(speeds[0].ratio, 2),
        "features_s": round(features_s, 2),
    }
    sys.stdout.write(json.dumps(result) + "\n")


def report(line: str) -> None:
    """Print to stderr: stdout has the result only."""
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--days", type=int, default=25, help="of scoring")
    arguments = parser.parse_args()
    logs.configure("console", "WARNING")
    uvloop.run(main(arguments.rows, arguments.days))
