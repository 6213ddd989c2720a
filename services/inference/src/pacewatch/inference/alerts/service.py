"""What the platform is told of scores: the batch, and the episodes that begin or end with it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import numpy as np

from pacewatch.contracts.alerts import AlertCleared, AlertRaised
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.risk import Factor, RiskLevel, RiskScored, TopRisk
from pacewatch.inference import metrics
from pacewatch.inference.alerts import repository as episodes
from pacewatch.inference.alerts.repository import KIND, Closing, Opening, Rules
from pacewatch.inference.scoring.repository import Origin
from pacewatch.inference.scoring.scorer import Scores
from pacewatch.inference.settings import InferenceSettings
from pacewatch.inference.windows.readings import Rows
from pacewatch.kit import db
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit
from pacewatch.ml.models.factors import Factor as Reason
from pacewatch.ml.models.factors import TopContributions, to_factors

TOP = 10


async def tell_scored(session: Session, origin: Origin, scores: Scores) -> None:
    """Announce a scored batch: how many of each level, and its riskiest."""
    levels, device_ids = scores.levels, scores.keys.device_ids
    counts = Counter(levels)
    riskiest = np.lexsort((device_ids, -scores.risks))[:TOP].tolist()
    event = RiskScored(
        batch_id=origin.batch_id,
        model_version=origin.activation.version,
        scored=len(scores),
        levels={level: counts[level] for level in RiskLevel},
        top=[
            TopRisk(device_id=int(device_ids[one]), risk=float(scores.risks[one]), level=levels[one])
            for one in riskiest
        ],
        scored_at=origin.scored_at,
    )
    await emit(session, event)


async def sound(
    session: Session,
    settings: InferenceSettings,
    origin: Origin,
    rows: Rows,
    current: Scores,
    reasons: TopContributions,
    *,
    profile: Profile,
) -> None:
    """Open and close episodes for the scores of newest readings, and tell of each that really opened or closed.

    A score speaks of the horizon after its reading: once that is over, of a device long silent, it opens nothing.
    """
    rules = Rules(origin.activation.threshold, settings.hysteresis, timedelta(days=settings.cooldown_days))
    device_ids, risks = current.keys.device_ids, current.risks
    latest = await episodes.latest(await db.driver(session), device_ids.tolist())
    speaking = current.keys.timestamps_s > origin.scored_at.timestamp() - profile.label.horizon_s
    opening = [
        one
        for one in np.flatnonzero(speaking & (risks >= rules.threshold)).tolist()
        if rules.opens(risks[one], latest.get(int(device_ids[one])), origin.scored_at)
    ]
    at = np.searchsorted(device_ids, list(latest)).tolist()
    closing = [
        Closing(episode.id, device_id, float(risks[one]))
        for one, (device_id, episode) in zip(at, latest.items(), strict=True)
        if rules.closes(risks[one], episode)
    ]
    if opening:
        await _raise(session, profile, origin, rows, current.where(opening), reasons.where(np.array(opening)))
    if closing:
        await _clear(session, origin, closing)


async def _raise(
    session: Session, profile: Profile, origin: Origin, rows: Rows, opening: Scores, reasons: TopContributions
) -> None:
    wanted = [Opening(*pair, risk) for pair, risk in zip(opening.keys.pairs(), opening.risks.tolist(), strict=True)]
    activation = origin.activation
    opened = await episodes.open_new(
        await db.driver(session),
        wanted,
        threshold=activation.threshold,
        version=activation.version,
        now=origin.scored_at,
    )
    factors = to_factors(profile, reasons)
    for one, told, position in zip(wanted, factors, opening.positions.tolist(), strict=True):
        if one.device_id in opened:
            signals = {name: float(values[position]) for name, values in rows.signals.items()}
            await emit(session, _raised(origin, one, told, signals, opened[one.device_id]))
            metrics.EPISODES.labels("opened").inc()


def _raised(
    origin: Origin, one: Opening, reasons: Sequence[Reason], signals: dict[str, float], episode_id: UUID
) -> AlertRaised:
    return AlertRaised(
        alert_id=episode_id,
        device_id=one.device_id,
        kind=KIND,
        risk=one.risk,
        threshold=origin.activation.threshold,
        factors=[Factor(**asdict(reason)) for reason in reasons],
        signals=signals,
        timestamp_s=one.timestamp_s,
        model_version=origin.activation.version,
        raised_at=origin.scored_at,
    )


async def _clear(session: Session, origin: Origin, closing: Sequence[Closing]) -> None:
    closed = await episodes.close(await db.driver(session), closing, origin.scored_at)
    for one in sorted(closing, key=lambda one: one.id):
        if one.id in closed:
            event = AlertCleared(
                alert_id=one.id, device_id=one.device_id, kind=KIND, risk=one.risk, cleared_at=origin.scored_at
            )
            await emit(session, event)
            metrics.EPISODES.labels("closed").inc()
