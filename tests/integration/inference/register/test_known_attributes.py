"""Scores use what the register said when they were computed; a later correction changes none that is stored."""

import asyncio
from datetime import UTC, datetime

import numpy as np
import pytest
from support.inference.harness import Harness, Row, batch, daily_rows
from support.inference.models import START_S, engine
from support.waiting import until

from pacewatch.contracts.devices import AttributeEntry
from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference import service
from pacewatch.inference.jobs import verify_scores
from pacewatch.inference.jobs.verify_scores import Verification
from pacewatch.inference.risk import service as risks
from pacewatch.inference.windows import readings as readings_table
from pacewatch.kit import db
from pacewatch.ml.features.compute import predictor_matrix
from pacewatch.ml.features.register import UNKNOWN, Register, Timeline

pytestmark = pytest.mark.servers

OLD_S, YOUNG_S = (START_S - days * SECONDS_PER_DAY for days in (2_000, 200))


def implanted(number: int, at_s: float | None, device: int = 0, valid_from_s: int = 0) -> AttributeEntry:
    return AttributeEntry(
        number=number, device_id=device, attribute="implanted_at", valid_from_s=valid_from_s, as_number=at_s
    )


@pytest.fixture
async def scoring_by_age(harness: Harness) -> Harness:
    """Inference with a model to which the age of a device matters; device 0 has 30 days of readings."""
    await harness.activate(await harness.pack_model(sees_age=True))
    await harness.process(*daily_rows(range(1), range(30)))
    return harness


async def risk_of(harness: Harness, day: int) -> float:
    return (await harness.current_risks())[0, START_S + day * SECONDS_PER_DAY]


def by_training(rows: list[Row], register: Register) -> list[float]:
    """The risks that the trainer computes for the same readings."""
    readings = readings_table.from_event(PACEMAKER, batch(*rows).readings)
    return list(engine(sees_age=True).predict_proba(predictor_matrix(PACEMAKER, readings, register=register)))


def timeline(*entries: tuple[int, float]) -> Register:
    since = np.array([valid_from_s for valid_from_s, _ in entries], dtype=np.int64)
    values = np.array([value for _, value in entries], dtype=np.float64)
    return {"implanted_at": Timeline.of(np.zeros(len(entries), dtype=np.int64), since, values)}


async def verify(harness: Harness) -> Verification:
    process = harness.new_process().with_settings(late_days=60)
    async with harness.database.transaction("inference") as session:
        return await verify_scores.verify(session, process.inference, datetime(2100, 1, 1, tzinfo=UTC))


async def test_a_score_has_the_bits_of_training_with_the_same_register(scoring_by_age: Harness) -> None:
    rows = daily_rows(range(1), range(33))
    await scoring_by_age.process(rows[30])
    await scoring_by_age.register(implanted(1, OLD_S))
    await scoring_by_age.process(rows[31])
    replaced_s = START_S + 32 * SECONDS_PER_DAY
    await scoring_by_age.register(implanted(2, replaced_s, valid_from_s=replaced_s))
    await scoring_by_age.process(rows[32])
    risks = [await risk_of(scoring_by_age, day) for day in (30, 31, 32)]
    assert risks[0] == by_training(rows, UNKNOWN)[30]
    assert risks[1] == by_training(rows, timeline((0, OLD_S)))[31]
    assert risks[2] == by_training(rows, timeline((0, OLD_S), (replaced_s, replaced_s)))[32]
    assert risks[1] != by_training(rows, timeline((0, YOUNG_S)))[31]


async def test_a_correction_changes_no_stored_score_and_replay_finds_none_that_differs(scoring_by_age: Harness) -> None:
    rows = daily_rows(range(1), range(34))
    await scoring_by_age.register(implanted(1, OLD_S))
    await scoring_by_age.process(*rows[30:32])
    before = await scoring_by_age.current_risks()
    await scoring_by_age.register(implanted(2, YOUNG_S))
    await scoring_by_age.process(*rows[32:])
    assert before.items() <= (await scoring_by_age.current_risks()).items()
    assert await risk_of(scoring_by_age, 33) == by_training(rows, timeline((0, YOUNG_S)))[33]
    await scoring_by_age.register(implanted(3, None))
    verification = await verify(scoring_by_age)
    assert (verification.checked, verification.mismatched) == (34, 0)


async def test_a_late_reading_gives_scores_of_the_register_as_it_is_then(scoring_by_age: Harness) -> None:
    rows = daily_rows(range(1), range(33))
    await scoring_by_age.process(rows[30], rows[32])
    await scoring_by_age.register(implanted(1, OLD_S))
    await scoring_by_age.process(rows[31])
    assert await risk_of(scoring_by_age, 32) == by_training(rows, timeline((0, OLD_S)))[32]
    verification = await verify(scoring_by_age)
    assert (verification.superseded > 0, verification.mismatched) == (True, 0)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
async def test_entries_count_by_their_number_in_any_order_of_arrival(
    scoring_by_age: Harness, order: tuple[int, ...]
) -> None:
    entries = {1: implanted(1, YOUNG_S), 2: implanted(2, None), 3: implanted(3, OLD_S)}
    for number in order:
        await scoring_by_age.register(entries[number], entries[number])
    rows = daily_rows(range(1), range(31))
    await scoring_by_age.process(rows[30])
    assert await risk_of(scoring_by_age, 30) == by_training(rows, timeline((0, OLD_S)))[30]


async def test_a_withdrawn_entry_leaves_the_age_unknown(scoring_by_age: Harness) -> None:
    await scoring_by_age.register(implanted(1, OLD_S), implanted(2, None))
    rows = daily_rows(range(1), range(31))
    await scoring_by_age.process(rows[30])
    assert await risk_of(scoring_by_age, 30) == by_training(rows, UNKNOWN)[30]


async def test_a_device_that_is_registered_while_its_first_batch_is_stored_can_be_replayed(
    scoring_by_age: Harness,
) -> None:
    """The registration waits: otherwise it could get a lower number than a batch that has not seen it."""
    database = scoring_by_age.database
    async with database.transaction("inference") as session:
        await service.process_batch(session, scoring_by_age.inference, batch(*daily_rows(range(5, 6), range(30))))
        registering = asyncio.create_task(scoring_by_age.register(implanted(1, OLD_S, device=5)))
        await until(lambda: _is_waiting(database), timeout_s=10)
        assert not registering.done()
    await registering
    verification = await verify(scoring_by_age)
    assert (verification.checked, verification.mismatched) == (2 * 30, 0)


async def _is_waiting(database: db.Database) -> bool:
    async with database.transaction("inference") as session:
        query = """
            SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""
        return bool(await (await db.driver(session)).fetchval(query))


async def test_a_device_that_settles_has_no_level_for_that_reason(scoring_by_age: Harness) -> None:
    harness = scoring_by_age
    await harness.register(implanted(1, START_S + 20 * SECONDS_PER_DAY))
    await harness.process(*daily_rows(range(1), range(30, 32)), *daily_rows(range(1, 2), range(31, 32)))
    async with harness.database.transaction("inference") as session:
        risk = await risks.get_risk(session, harness.inference, "0")
        young = await risks.get_risk(session, harness.inference, "1")
        summary = await risks.summarize_risks(session, PACEMAKER)
    assert (risk["level"], risk["no_level"], risk["no_level_text"]) == (
        None,
        "settling",
        "too new: implanted 11 days ago, levels by the model from day 28 on",
    )
    assert (risk["history"][0]["no_level"], young["no_level"]) == ("settling", "not_enough_history")
    assert (summary.settling, summary.not_enough_history) == (1, 1)
