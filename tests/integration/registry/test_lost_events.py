"""Activations and requested runs are published again as they were."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from support.registry import Registry

from pacewatch.registry import lost_events

SINCE = datetime.fromtimestamp(0, UTC)


async def emitted(registry: Registry) -> dict[Any, Any]:
    query = sa.text("SELECT id, data FROM registry.outbox WHERE type IN ('model.activated', 'training.requested')")
    async with registry.database.engine.connect() as connection:
        return {row.id: json.loads(row.data) for row in await connection.execute(query)}


async def rebuilt(registry: Registry) -> dict[Any, Any]:
    events: dict[Any, Any] = {}
    async with registry.database.transaction("registry") as session:
        for source in lost_events.SOURCES:
            after = 0
            while sent := await source.list_sent(session, SINCE, after, 1):
                built = await source.rebuild(session, sent)
                events |= {one: json.loads(event.model_dump_json()) for one, event in built.items()}
                after = sent[-1].position
    return events


async def test_activations_and_an_open_request_are_built_again(registry: Registry) -> None:
    first = await registry.add_active()
    second = await registry.add_active(hours=1)
    assert (await registry.call("POST", "models/rollback", {"reason": "worse"})).status_code == 200
    assert (await registry.call("POST", "training-runs", {"reason": "new labels"})).status_code in {200, 201, 202}
    events = await emitted(registry)
    assert [event["version"] for event in events.values() if "version" in event] == [first, second, first]
    assert len(events) == 4
    assert await rebuilt(registry) == events


async def test_a_run_that_a_trainer_has_begun_is_not_requested_again(registry: Registry) -> None:
    await registry.call("POST", "training-runs", {"reason": "new labels"})
    async with registry.database.engine.begin() as connection:
        await connection.execute(sa.text("UPDATE registry.training_runs SET status = 'running'"))
    assert await rebuilt(registry) == {}
