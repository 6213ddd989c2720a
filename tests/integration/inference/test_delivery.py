"""A delivery takes effect once, and nothing of it when it fails."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from integration.inference.conftest import World, batch
from support.models import DYING, HEALTHY

from pacewatch.contracts.telemetry import Mode, TelemetryAccepted
from pacewatch.inference.alerts import service as alerts
from pacewatch.inference.handlers import HANDLERS
from pacewatch.kit.messaging.bus import Verdict
from pacewatch.kit.messaging.consumer import Consumer
from pacewatch.kit.messaging.envelope import Envelope
from pacewatch.kit.module import bind

pytestmark = pytest.mark.servers


def enveloped(event: TelemetryAccepted) -> Envelope:
    return Envelope(
        id=uuid4(),
        type=event.type,
        source="/pacewatch/ingest",
        subject=event.subject(),
        time=datetime(2026, 1, 1, tzinfo=UTC),
        correlation_id="test",
        causation_id="",
        schema_version=1,
        data=event.model_dump_json().encode(),
    )


def consumer(world: World) -> Consumer:
    handlers = bind("inference", HANDLERS, inference=world.inference)
    return Consumer(world.database, next(one for one in handlers if TelemetryAccepted in one.events))


async def test_a_second_delivery_has_no_effect(scoring_world: World) -> None:
    await scoring_world.take(*((1, day, HEALTHY) for day in range(40)), mode=Mode.BACKFILL)
    envelope = enveloped(batch((1, 40, DYING)))
    for world in (scoring_world, scoring_world, scoring_world.again()):
        assert await consumer(world).deliver(envelope) is Verdict.DONE
    assert len(await scoring_world.fetch("SELECT FROM inference.predictions")) == 1
    assert len(await scoring_world.emitted("alert.raised")) == 1
    assert len(await scoring_world.emitted("risk.scored")) == 1


async def test_a_failure_on_the_way_leaves_nothing_and_the_retry_does_it_all(
    scoring_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scoring_world.take(*((1, day, HEALTHY) for day in range(40)), mode=Mode.BACKFILL)
    failures = [RuntimeError("lost its way")]
    tell = alerts.tell_scored

    async def fail_once(*arguments: object) -> None:
        if failures:
            assert len(await scoring_world.fetch("SELECT FROM inference.episodes")) == 0
            raise failures.pop()
        await tell(*arguments)

    monkeypatch.setattr(alerts, "tell_scored", fail_once)
    assert await consumer(scoring_world).deliver(enveloped(batch((1, 40, DYING)))) is Verdict.DONE
    assert not failures
    assert len(await scoring_world.fetch("SELECT FROM inference.episodes")) == 1
    assert len(await scoring_world.emitted("alert.raised")) == 1
