"""The pull: new rows, late rows and changed labels arrive in any order of commits; a damaged cache is rebuilt."""

import json
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import numpy as np
import pyarrow.parquet as pq
import pytest
from support.waiting import until

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.db import Database
from pacewatch.trainer_agent.data.pull import Pulled, pull
from pacewatch.trainer_agent.errors import SourceError

from .conftest import Trainer

START_S = 1_767_225_600
VALUES = (612.3456789012345, 0.1 + 0.2, 11.0, 2.78)
COLUMNS = ["device_id", "timestamp_s", *PACEMAKER.signal_names]


async def store(connection: asyncpg.Connection, devices: Sequence[int], days: Sequence[int]) -> None:
    rows = [(device, START_S + day * SECONDS_PER_DAY, *VALUES) for device in devices for day in days]
    await connection.copy_records_to_table("readings", schema_name="ingest", columns=COLUMNS, records=rows)


async def label(connection: asyncpg.Connection, word: str, where: str) -> None:
    changed = "changed_xid = pg_current_xact_id()::text::bigint"
    await connection.execute(f"UPDATE ingest.readings SET label = $1, {changed} WHERE {where}", word)


async def pulled(trainer: Trainer) -> Pulled:
    source = Database(trainer.kit.database_url.get_secret_value(), pool_size=1, read_only=True)
    try:
        return await pull(source, PACEMAKER, trainer.own.cache_dir)
    finally:
        await source.close()


async def nothing_to_fetch(trainer: Trainer) -> None:
    """Wait until a pull fetches nothing: while any transaction of the server is open, rows are fetched again."""

    async def is_up_to_date() -> bool:
        return (await pulled(trainer)).fetched == 0

    await until(is_up_to_date)


def cached(trainer: Trainer) -> list[Path]:
    return sorted(trainer.own.cache_dir.glob("*/*.parquet"))


async def test_first_pull_fetches_every_value_with_all_its_bits(trainer: Trainer) -> None:
    await store(trainer.platform, [2, 1], range(40))
    await trainer.platform.execute("INSERT INTO ingest.outcomes VALUES (1, 1770000000, 'battery')")
    got = await pulled(trainer)
    assert (got.fetched, got.rebuilt) == (80, True)
    assert got.readings.device_ids.tolist() == [1] * 40 + [2] * 40
    assert (np.diff(got.readings.timestamps_s[:40]) == SECONDS_PER_DAY).all()
    for name, value in zip(PACEMAKER.signal_names, VALUES, strict=True):
        assert (got.readings.signals[name] == value).all()
    assert set(got.labels.tolist()) == {-1}
    assert (got.failures.device_ids.tolist(), got.failures.modes) == ([1], ("battery",))
    assert len(cached(trainer)) == 2  # January and February


async def test_a_file_of_the_cache_says_what_its_columns_and_labels_mean(trainer: Trainer) -> None:
    await store(trainer.platform, [1], [0])
    await label(trainer.platform, "positive", "true")
    await pulled(trainer)
    file = pq.read_table(cached(trainer)[0])
    said = {key.decode(): text.decode() for key, text in pq.read_metadata(cached(trainer)[0]).metadata.items()}
    assert set(json.loads(said["pacewatch.columns"])) == set(file.column_names)
    (code,) = file["label"].to_pylist()
    assert json.loads(said["pacewatch.labels"])[str(code)].startswith("positive")


async def test_second_pull_fetches_only_what_changed(trainer: Trainer) -> None:
    await store(trainer.platform, range(10), range(40))
    await pulled(trainer)
    await nothing_to_fetch(trainer)
    await store(trainer.platform, range(10), [40])
    got = await pulled(trainer)
    assert (len(got.labels), got.fetched, got.rebuilt) == (410, 10, False)


async def test_late_rows_arrive(trainer: Trainer) -> None:
    await store(trainer.platform, [1], range(10, 40))
    await pulled(trainer)
    await store(trainer.platform, [1], [3])
    got = await pulled(trainer)
    assert (len(got.labels), got.rebuilt) == (31, False)
    assert got.readings.timestamps_s[0] == START_S + 3 * SECONDS_PER_DAY


async def test_changed_labels_arrive(trainer: Trainer) -> None:
    await store(trainer.platform, [1, 2], range(20))
    await label(trainer.platform, "negative", f"timestamp_s < {START_S + 10 * SECONDS_PER_DAY}")
    first = await pulled(trainer)
    assert (first.labels == 0).sum() == 20
    await label(trainer.platform, "positive", f"device_id = 2 AND timestamp_s < {START_S + 3 * SECONDS_PER_DAY}")
    await label(trainer.platform, "censored", "device_id = 1")
    got = await pulled(trainer)
    assert (got.rebuilt, (got.labels == 1).sum(), (got.labels == 0).sum()) == (False, 3, 7)
    assert (got.labels[got.readings.device_ids == 1] == -1).all()


async def test_rows_that_commit_after_later_ones_arrive(trainer: Trainer, trainer_url: str) -> None:
    """A transaction that began first commits last: with a timestamp or sequence as watermark its rows would be lost."""
    await store(trainer.platform, [1], range(5))
    slow = await asyncpg.connect(trainer_url.replace("+asyncpg", ""))
    transaction = slow.transaction()
    await transaction.start()
    await store(slow, [2], range(5))
    await store(trainer.platform, [3], range(5))
    assert set((await pulled(trainer)).readings.device_ids.tolist()) == {1, 3}
    await store(trainer.platform, [4], range(5))
    assert set((await pulled(trainer)).readings.device_ids.tolist()) == {1, 3, 4}
    await transaction.commit()
    got = await pulled(trainer)
    assert (set(got.readings.device_ids.tolist()), got.rebuilt) == ({1, 2, 3, 4}, False)
    await slow.close()


async def test_label_changed_by_a_transaction_that_commits_late_arrives(trainer: Trainer, trainer_url: str) -> None:
    """The number of positives stays the same, so counts alone would not show the change."""
    await store(trainer.platform, [1, 2], range(5))
    await label(trainer.platform, "positive", "device_id = 1")
    slow = await asyncpg.connect(trainer_url.replace("+asyncpg", ""))
    transaction = slow.transaction()
    await transaction.start()
    await label(slow, "unresolved", "device_id = 1")
    await label(slow, "positive", "device_id = 2")
    await store(trainer.platform, [3], range(5))
    await pulled(trainer)
    await transaction.commit()
    got = await pulled(trainer)
    assert (got.rebuilt, set(got.readings.device_ids[got.labels == 1].tolist())) == (False, {2})
    await slow.close()


async def test_cache_is_rebuilt_when_rows_were_deleted(trainer: Trainer) -> None:
    await store(trainer.platform, [1, 2], range(20))
    await pulled(trainer)
    await trainer.platform.execute("DELETE FROM ingest.readings WHERE device_id = 1")
    got = await pulled(trainer)
    assert (set(got.readings.device_ids.tolist()), got.rebuilt) == ({2}, True)


async def test_cache_is_rebuilt_when_two_rows_exchanged_labels_without_a_new_transaction_id(trainer: Trainer) -> None:
    """Counts and sums stay the same."""
    await store(trainer.platform, [1, 2], range(20))
    await label(trainer.platform, "positive", f"device_id = 1 AND timestamp_s = {START_S}")
    await label(trainer.platform, "negative", f"device_id = 2 AND timestamp_s = {START_S}")
    await nothing_to_fetch(trainer)
    await trainer.platform.execute(f"""
        UPDATE ingest.readings SET label = CASE label WHEN 'positive' THEN 'negative' ELSE 'positive' END
        WHERE timestamp_s = {START_S}""")
    got = await pulled(trainer)
    assert (got.rebuilt, got.readings.device_ids[got.labels == 1].tolist()) == (True, [2])


@pytest.mark.parametrize("damage", ["cut", "missing", "state"])
async def test_damaged_cache_is_rebuilt(trainer: Trainer, damage: str) -> None:
    await store(trainer.platform, [1], range(20))
    await pulled(trainer)
    [file] = cached(trainer)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-10])
    elif damage == "missing":
        file.unlink()
    else:
        (file.parent / "state.json").write_text('{"format": 1, "water')
    got = await pulled(trainer)
    assert (len(got.labels), got.rebuilt) == (20, True)


async def test_crash_between_files_and_state_loses_nothing(trainer: Trainer) -> None:
    await store(trainer.platform, [1], range(20))
    await pulled(trainer)
    state = next(trainer.own.cache_dir.glob("*/state.json"))
    (state.parent / "2026-01-half-written.parquet").write_bytes(b"PAR1")
    await store(trainer.platform, [1], [20])
    got = await pulled(trainer)
    assert (len(got.labels), got.rebuilt) == (21, False)
    assert len(cached(trainer)) == 1


async def test_pull_without_readings_is_refused(trainer: Trainer) -> None:
    with pytest.raises(SourceError, match="no readings yet"):
        await pulled(trainer)


async def test_pull_without_the_views_of_ingest_is_refused(trainer: Trainer) -> None:
    await trainer.platform.execute("DROP SCHEMA ingest CASCADE")
    with pytest.raises(SourceError, match="been migrated"):
        await pulled(trainer)


async def test_reading_without_a_value_is_refused(trainer: Trainer) -> None:
    name = PACEMAKER.signal_names[0]
    await trainer.platform.execute(f'ALTER TABLE ingest.readings ALTER COLUMN "{name}" DROP NOT NULL')
    await store(trainer.platform, [1], range(3))
    await trainer.platform.execute(f'UPDATE ingest.readings SET "{name}" = NULL WHERE timestamp_s > {START_S}')
    with pytest.raises(SourceError, match="has no value"):
        await pulled(trainer)
