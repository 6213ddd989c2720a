"""Opens and closes episodes for the newest scores of devices, and emits the alerts that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import numpy as np

from pacewatch.contracts import risk as contracts
from pacewatch.contracts.alerts import AlertCleared, AlertRaised
from pacewatch.contracts.profile import Profile
from pacewatch.inference import metrics
from pacewatch.inference.alerts import repository
from pacewatch.inference.alerts.lost_events import event_id
from pacewatch.inference.alerts.repository import KIND, Closing, Opening
from pacewatch.inference.alerts.rules import Episode, Rules
from pacewatch.inference.scoring.repository import Origin
from pacewatch.inference.scoring.scorer import Scores
from pacewatch.inference.settings import InferenceSettings
from pacewatch.kit import db
from pacewatch.kit.columns.arrays import Bools, Ints
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit, emit_by_id
from pacewatch.ml.models.factors import Factor, TopContributions, to_factors


async def open_and_close_alerts(
    session: Session,
    profile: Profile,
    settings: InferenceSettings,
    origin: Origin,
    scores: Scores,
    contributions: TopContributions,
    newest: Bools,
) -> None:
    """Open and close episodes by these scores, sorted by device and time, and emit an alert for each that changed.

    `newest` marks scores of newest readings: only these close an episode. The others are of readings that were the
    newest when they arrived, and could not be scored then.
    """
    rules = Rules(origin.activation.threshold, settings.hysteresis, timedelta(days=settings.cooldown_days))
    latest = await repository.latest_episodes(await db.driver(session), scores.readings.device_ids.tolist())
    opening = _opening(rules, latest, origin, scores, profile.label.horizon_s)
    closing = _closing(rules, latest, scores.where(newest))
    if len(opening):
        await _raise(session, profile, origin, scores.where(opening), contributions.where(opening))
    if closing:
        await _clear(session, origin, closing)


def _opening(rules: Rules, latest: Mapping[int, Episode], origin: Origin, scores: Scores, horizon_s: int) -> Ints:
    """The entries of scores that open an episode: of each device the latest that is high enough.

    A score is about the horizon after its reading. When that is over, because the device has long been silent, the
    score opens nothing.
    """
    within_horizon = scores.readings.timestamps_s > origin.scored_at.timestamp() - horizon_s
    high: Ints = np.flatnonzero(within_horizon & (scores.risks >= rules.threshold))
    high = high[np.append(np.diff(scores.readings.device_ids[high]) != 0, True)[: len(high)]]
    pairs = zip(scores.risks[high].tolist(), scores.readings.device_ids[high].tolist(), strict=True)
    opens = [rules.opens(risk, latest.get(device_id), origin.scored_at) for risk, device_id in pairs]
    return high[np.array(opens, dtype=np.bool_)]


def _closing(rules: Rules, latest: Mapping[int, Episode], scores: Scores) -> list[Closing]:
    """The open episodes of devices whose newest reading is scored and far below the threshold."""
    scored = zip(scores.readings.device_ids.tolist(), scores.risks.tolist(), strict=True)
    return [
        Closing(latest[device_id].id, device_id, risk)
        for device_id, risk in scored
        if rules.closes(risk, latest.get(device_id))
    ]


async def _raise(
    session: Session, profile: Profile, origin: Origin, scores: Scores, contributions: TopContributions
) -> None:
    openings = [Opening(*pair, risk) for pair, risk in zip(scores.readings.pairs(), scores.risks.tolist(), strict=True)]
    activation, now = origin.activation, origin.scored_at
    opened = await repository.open_episodes(
        await db.driver(session), openings, threshold=activation.threshold, version=activation.version, now=now
    )
    signals, events = scores.readings.signals, list[AlertRaised]()
    for entry, (opening, factors) in enumerate(zip(openings, to_factors(profile, contributions), strict=True)):
        if opening.device_id in opened:
            values = {name: float(column[entry]) for name, column in signals.items()}
            events.append(_raised(origin, opening, factors, values, opened[opening.device_id]))
            metrics.EPISODES.labels("opened").inc()
    await repository.keep_events(await db.driver(session), events)
    await emit_by_id(session, {event_id(event): event for event in events})


def _raised(
    origin: Origin, opening: Opening, factors: Sequence[Factor], signals: dict[str, float], episode_id: UUID
) -> AlertRaised:
    return AlertRaised(
        alert_id=episode_id,
        device_id=opening.device_id,
        kind=KIND,
        risk=opening.risk,
        threshold=origin.activation.threshold,
        factors=[contracts.Factor(**asdict(factor)) for factor in factors],
        signals=signals,
        timestamp_s=opening.timestamp_s,
        model_version=origin.activation.version,
        raised_at=origin.scored_at,
    )


async def _clear(session: Session, origin: Origin, closing: Sequence[Closing]) -> None:
    closed = await repository.close_episodes(await db.driver(session), closing, origin.scored_at)
    for one in sorted(closing, key=lambda one: one.id):
        if one.id in closed:
            event = AlertCleared(
                alert_id=one.id, device_id=one.device_id, kind=KIND, risk=one.risk, cleared_at=origin.scored_at
            )
            await emit(session, event, event_id(event))
            metrics.EPISODES.labels("closed").inc()
