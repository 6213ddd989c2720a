"""Scores stored before a migration read the same after it."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from support.inference.models import START_S

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.module import MIGRATIONS
from pacewatch.inference.risk import repository
from pacewatch.kit import db, migrate
from pacewatch.ml.features.compute import feature_set_hash
from pacewatch.ml.models.factors import Factor

pytestmark = pytest.mark.servers


async def test_factors_stored_in_words_become_numbers_and_read_as_factors(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    database = db.Database(await new_database())
    for name in ("0001_windows_scores_episodes.py", "0002_batch_numbers.py", "0003_high_scores.py"):
        shutil.copy(MIGRATIONS / name, tmp_path)
    await migrate.upgrade(database, "inference", tmp_path, profile=PACEMAKER)
    factors = """[{"name": "capture_threshold_v", "value": 4.5, "contribution": 0.25, "text": "old words"},
                  {"name": "lead_impedance_ohms_rolling_mean_30d", "value": null, "contribution": -0.1, "text": ""}]"""
    async with database.transaction("inference") as session:
        await (await db.driver(session)).execute(
            """INSERT INTO inference.predictions (device_id, timestamp_s, revision, risk, threshold, model_version,
                feature_hash, factors, batch_id, scored_at)
            VALUES (1, $1, 0, 0.5, 0.3, 'v', $2, $3, gen_random_uuid(), now()),
                   (1, $1 + 1, 0, 0.5, 0.3, 'v', $2, '[]', gen_random_uuid(), now())""",
            START_S,
            feature_set_hash(PACEMAKER),
            factors,
        )
    await migrate.upgrade(database, "inference", MIGRATIONS, profile=PACEMAKER)
    async with database.transaction("inference") as session:
        predictions, _ = await repository.list_predictions(await db.driver(session), PACEMAKER, 1, (0, 2**40))
    await database.close()
    assert [one["level"] for one in predictions] == ["high", "high"]
    assert [one["factors"] for one in predictions] == [
        [],
        [
            Factor("capture_threshold_v", 4.5, 0.25, "capture threshold 4.50 V; normal up to 2 V"),
            Factor(
                "lead_impedance_ohms_rolling_mean_30d",
                None,
                -0.1,
                "lead impedance: no 30 days of history, which lowers the risk",
            ),
        ],
    ]
