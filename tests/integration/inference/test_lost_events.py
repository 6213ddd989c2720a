"""Alerts that were lost on their way to the notifier are published again as they were."""

import json
from datetime import timedelta
from typing import Any

import pytest
from support.inference.harness import Harness, at_day, daily_rows
from support.inference.models import DYING, HEALTHY

from pacewatch.contracts.telemetry import Mode
from pacewatch.inference.alerts import lost_events
from pacewatch.kit import clock

pytestmark = pytest.mark.servers


async def emitted(harness: Harness) -> dict[Any, Any]:
    rows = await harness.fetch("SELECT id, data FROM inference.outbox WHERE type LIKE 'alert.%'")
    return {row[0]: json.loads(row[1]) for row in rows}


async def rebuilt(harness: Harness, days: float = 29) -> dict[Any, Any]:
    events: dict[Any, Any] = {}
    since = clock.now() - timedelta(days=days)
    async with harness.database.transaction("inference") as session:
        for source in lost_events.SOURCES:
            sent = await source.list_sent(session, since, 0, 1_000)
            built = await source.rebuild(session, sent)
            events |= {one: json.loads(event.model_dump_json()) for one, event in built.items()}
            assert not sent or not await source.list_sent(session, since, sent[-1].position, 1_000)
    return events


async def test_raised_and_cleared_alerts_are_built_again(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(3), range(40)), mode=Mode.BACKFILL)
    await scoring.process((0, 40, DYING), (1, 40, DYING), (2, 40, HEALTHY))
    await scoring.fetch("UPDATE inference.models SET threshold = 0.9999")
    later = scoring.new_process().with_settings(hysteresis=1)
    with at_day(47):
        await later.process((1, 47, HEALTHY))
        events = await emitted(scoring)
        assert sorted(len(event) for event in events.values()) == [5, 12, 12]
        assert await rebuilt(scoring) == events
        assert len(await rebuilt(scoring, days=0.5)) == 1


async def test_an_alert_of_an_earlier_release_is_left_out(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(1), range(40)), mode=Mode.BACKFILL)
    await scoring.process((0, 40, DYING))
    await scoring.fetch("UPDATE inference.episodes SET raised = NULL")
    assert await rebuilt(scoring) == {}
