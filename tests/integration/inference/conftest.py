"""Inference on a database of its own, with a real signed model."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from support.inference.harness import CACHE_BYTES, TABLES, Harness, at_day

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.models.loader import ModelLoader
from pacewatch.inference.module import MIGRATIONS
from pacewatch.inference.service import Inference
from pacewatch.inference.settings import InferenceSettings
from pacewatch.inference.windows.cache import WindowCache
from pacewatch.kit import db, migrate
from pacewatch.kit.blobs import open_store
from pacewatch.kit.settings import KitSettings


@pytest.fixture(scope="package")
async def inference_database(new_database: Callable[[], Awaitable[str]]) -> AsyncIterator[db.Database]:
    database = db.Database(await new_database())
    await migrate.upgrade(database, "inference", MIGRATIONS, profile=PACEMAKER)
    yield database
    await database.close()


@pytest.fixture
async def harness(inference_database: db.Database, tmp_path: Path) -> AsyncIterator[Harness]:
    """Inference without a model, on day 41."""
    settings = KitSettings(
        database_url=SecretStr(inference_database.url.render_as_string(hide_password=False)),
        secrets_dir=tmp_path / "secrets",
        artifact_url=f"file://{tmp_path / 'artifacts'}",
    )
    blobs, public_keys = open_store(settings.artifact_url), settings.artifact_keys().public_keys()
    models = ModelLoader(PACEMAKER, blobs, public_keys, retry_s=0)
    inference = Inference(PACEMAKER, InferenceSettings(), models, WindowCache(CACHE_BYTES))
    new = Harness(settings, inference_database, inference)
    with at_day(41):
        yield new
    await new.fetch("TRUNCATE " + ", ".join(f"inference.{table}" for table in TABLES))


@pytest.fixture
async def scoring(harness: Harness) -> Harness:
    """Inference with an active model, on day 41."""
    await harness.activate(await harness.pack_model())
    return harness
