"""Who opens the database with a tool of his own finds what each table and column means, and times as timestamps."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from support.platform.in_process import settings_for

from pacewatch.contracts.profiles import by_name
from pacewatch.contracts.risk import RiskLevel
from pacewatch.inference.scoring.levels import Verdict, stored_verdict
from pacewatch.kit import migrate
from pacewatch.kit.db import Database
from pacewatch.launcher.runtime.modules import create_modules

AT = datetime(2026, 1, 1, tzinfo=UTC)
AT_S = int(AT.timestamp())

UNEXPLAINED = """
    SELECT nspname AS place FROM pg_namespace
    WHERE nspname = ANY(:schemas) AND coalesce(obj_description(oid, 'pg_namespace'), '') = ''
    UNION ALL
    SELECT c.oid::regclass::text || coalesce('.' || a.attname, '')
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN (
        SELECT attrelid, attnum, attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped
        UNION ALL SELECT oid, 0, NULL FROM pg_class
    ) AS a ON a.attrelid = c.oid
    WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
        AND coalesce(CASE a.attnum WHEN 0 THEN obj_description(c.oid, 'pg_class')
            ELSE col_description(c.oid, a.attnum) END, '') = ''
"""
# A table of one row needs no index.
WITHOUT_INDEX = """
    SELECT k.conrelid::regclass::text || ' ' || pg_get_constraintdef(k.oid) FROM pg_constraint AS k
    JOIN pg_namespace AS n ON n.oid = k.connamespace
    WHERE k.contype = 'f' AND n.nspname = ANY(:schemas) AND NOT EXISTS (
        SELECT FROM pg_index AS i WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
            AND (i.indkey::smallint[])[0:array_length(k.conkey, 1) - 1] @> k.conkey
    ) AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = k.conrelid AND attname = 'only_row')
"""


@pytest.fixture(scope="module", params=["pacemaker", "machine"])
async def migrated(
    request: pytest.FixtureRequest, new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Database, list[str], str]]:
    settings = settings_for(await new_database(), tmp_path_factory.mktemp("settings"), request.param)
    database = Database(settings.database_url.get_secret_value())
    modules = create_modules("all", settings)
    for module in modules:
        await migrate.upgrade(database, module.name, module.migrations, profile=by_name(request.param))
    yield database, [module.name for module in modules], request.param
    await database.close()


async def rows(database: Database, query: str, **values: object) -> Sequence[Any]:
    async with database.transaction("launcher") as session:
        result = await session.execute(sa.text(query), values)
        return result.all() if result.returns_rows else []


async def test_every_schema_table_view_and_column_says_what_it_is(migrated: tuple[Database, list[str], str]) -> None:
    database, schemas, _ = migrated
    assert await rows(database, UNEXPLAINED, schemas=schemas) == []


async def test_signals_are_explained_by_the_profile(migrated: tuple[Database, list[str], str]) -> None:
    database, _, name = migrated
    found = await rows(
        database,
        "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute "
        "WHERE attrelid = 'ingest.timed_readings'::regclass",
    )
    signals = by_name(name).signals
    assert {one.name: f"{one.label}, {one.unit}" for one in signals}.items() <= dict(found).items()


async def test_every_foreign_key_has_an_index(migrated: tuple[Database, list[str], str]) -> None:
    database, schemas, _ = migrated
    assert await rows(database, WITHOUT_INDEX, schemas=schemas) == []


async def test_readings_have_timestamps_and_labels_in_words(migrated: tuple[Database, list[str], str]) -> None:
    database, _, name = migrated
    names = ", ".join(f'"{one}"' for one in by_name(name).signal_names)
    values = ", ".join("1.5" for _ in by_name(name).signal_names)
    await rows(
        database,
        f"INSERT INTO ingest.readings (device_id, timestamp_s, {names}, batch_number, label) "
        f"VALUES (7, {AT_S}, {values}, 1, 'positive')",
    )
    query = f"SELECT measured_at, label FROM ingest.timed_readings WHERE timestamp_s = {AT_S}"
    assert await rows(database, query) == [(AT, "positive")]


@pytest.mark.parametrize("verdict", [*Verdict, None])
@pytest.mark.parametrize("risk", [0.1, 0.3, 0.6])
async def test_scores_have_timestamps_and_levels_as_the_api_says(
    migrated: tuple[Database, list[str], str], verdict: Verdict | None, risk: float
) -> None:
    database, _, _ = migrated
    device_id = int(risk * 100) + (1_000 if verdict is None else 2_000 + verdict)
    await rows(
        database,
        "INSERT INTO inference.predictions (device_id, timestamp_s, revision, risk, threshold, model_version, "
        "feature_hash, batch_id, scored_at, verdict) "
        f"VALUES ({device_id}, {AT_S}, 0, {risk}, .5, 'v', 'h', gen_random_uuid(), now(), :verdict)",
        verdict=None if verdict is None else int(verdict),
    )
    query = f"SELECT measured_at, level, decided_by FROM inference.timed_scores WHERE device_id = {device_id}"
    expected = stored_verdict(None if verdict is None else int(verdict), risk, 0.5)
    assert await rows(database, query) == [(AT, expected.level, expected.decided_by)]
    assert expected.level is None or expected.level in set(RiskLevel)
