"""What the platform is told of scores: the batch, and the episodes that begin or end with it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from pacewatch.contracts.alerts import AlertCleared, AlertRaised
from pacewatch.contracts.risk import Factor, RiskLevel, RiskScored, TopRisk
from pacewatch.inference import episodes, metrics
from pacewatch.inference.episodes import KIND, Opening, Rules
from pacewatch.inference.repository import Origin
from pacewatch.inference.scoring import Score
from pacewatch.inference.settings import InferenceSettings
from pacewatch.inference.windows import Rows
from pacewatch.kit import db
from pacewatch.kit.db import Session
from pacewatch.kit.outbox import emit

TOP = 10


async def tell_scored(session: Session, origin: Origin, scores: Sequence[Score]) -> None:
    """Announce a scored batch: how many of each level, and its riskiest."""
    counts = Counter(one.level for one in scores)
    riskiest = sorted(scores, key=lambda one: (-one.risk, one.device_id))[:TOP]
    event = RiskScored(
        batch_id=origin.batch_id,
        model_version=origin.activation.version,
        scored=len(scores),
        levels={level: counts[level] for level in RiskLevel},
        top=[TopRisk(device_id=one.device_id, risk=one.risk, level=one.level) for one in riskiest],
        scored_at=origin.scored_at,
    )
    await emit(session, event)


async def sound(
    session: Session,
    settings: InferenceSettings,
    origin: Origin,
    rows: Rows,
    current: Sequence[Score],
    *,
    horizon_s: int,
) -> None:
    """Open and close episodes for the scores of newest readings, and tell of each that really opened or closed.

    A score speaks of the horizon after its reading: once that is over, of a device long silent, it opens nothing.
    """
    rules = Rules(origin.activation.threshold, settings.hysteresis, timedelta(days=settings.cooldown_days))
    connection = await db.driver(session)
    latest = await episodes.latest(connection, [one.device_id for one in current])
    expired_s = origin.scored_at.timestamp() - horizon_s
    speaking = [one for one in current if one.timestamp_s > expired_s]
    opening = [one for one in speaking if rules.opens(one.risk, latest.get(one.device_id), origin.scored_at)]
    closing = {latest[one.device_id].id: one for one in current if rules.closes(one.risk, latest.get(one.device_id))}
    if opening:
        await _raise(session, origin, rows, opening)
    if closing:
        await _clear(session, origin, closing)


async def _raise(session: Session, origin: Origin, rows: Rows, opening: Sequence[Score]) -> None:
    wanted = [Opening(one.device_id, one.timestamp_s, one.risk) for one in opening]
    activation = origin.activation
    opened = await episodes.open_new(
        await db.driver(session),
        wanted,
        threshold=activation.threshold,
        version=activation.version,
        now=origin.scored_at,
    )
    for one in opening:
        if one.device_id in opened:
            await emit(session, _raised(origin, rows, one, opened[one.device_id]))
            metrics.EPISODES.labels("opened").inc()


def _raised(origin: Origin, rows: Rows, score: Score, episode_id: UUID) -> AlertRaised:
    return AlertRaised(
        alert_id=episode_id,
        device_id=score.device_id,
        kind=KIND,
        risk=score.risk,
        threshold=origin.activation.threshold,
        factors=[Factor(**asdict(factor)) for factor in score.factors],
        signals={name: float(values[score.position]) for name, values in rows.signals.items()},
        timestamp_s=score.timestamp_s,
        model_version=origin.activation.version,
        raised_at=origin.scored_at,
    )


async def _clear(session: Session, origin: Origin, closing: dict[UUID, Score]) -> None:
    risks = {episode_id: one.risk for episode_id, one in closing.items()}
    closed = await episodes.close(await db.driver(session), risks, origin.scored_at)
    for episode_id in sorted(closed):
        one = closing[episode_id]
        event = AlertCleared(
            alert_id=episode_id, device_id=one.device_id, kind=KIND, risk=one.risk, cleared_at=origin.scored_at
        )
        await emit(session, event)
        metrics.EPISODES.labels("closed").inc()
