"""A message takes effect once; one that fails leaves nothing."""

import pytest
from support.inference.harness import Harness, batch
from support.inference.messages import envelope_of
from support.inference.models import DYING, HEALTHY

from pacewatch.contracts.telemetry import Mode
from pacewatch.inference.scoring import events
from pacewatch.kit.messaging.bus import Verdict

pytestmark = pytest.mark.servers


async def test_a_second_delivery_has_no_effect(scoring: Harness) -> None:
    await scoring.process(*((1, day, HEALTHY) for day in range(40)), mode=Mode.BACKFILL)
    envelope = envelope_of(batch((1, 40, DYING)))
    for harness in (scoring, scoring, scoring.new_process()):
        assert await harness.consumer().deliver(envelope) is Verdict.DONE
    assert len(await scoring.fetch("SELECT FROM inference.predictions")) == 1
    assert len(await scoring.emitted("alert.raised")) == 1
    assert len(await scoring.emitted("risk.scored")) == 1


async def test_a_failure_leaves_nothing_and_the_retry_does_everything(
    scoring: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scoring.process(*((1, day, HEALTHY) for day in range(40)), mode=Mode.BACKFILL)
    failures = [RuntimeError("failed once")]
    emit_risk_scored = events.emit_risk_scored

    async def fail_once(*arguments: object) -> None:
        if failures:
            assert len(await scoring.fetch("SELECT FROM inference.episodes")) == 0
            raise failures.pop()
        await emit_risk_scored(*arguments)

    monkeypatch.setattr(events, "emit_risk_scored", fail_once)
    assert await scoring.consumer().deliver(envelope_of(batch((1, 40, DYING)))) is Verdict.DONE
    assert not failures
    assert len(await scoring.fetch("SELECT FROM inference.episodes")) == 1
    assert len(await scoring.emitted("alert.raised")) == 1
