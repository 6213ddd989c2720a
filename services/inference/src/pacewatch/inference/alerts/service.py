"""Opens and closes episodes for the newest scores of devices, and emits the alerts that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import numpy as np

from pacewatch.contracts import risk as contracts
from pacewatch.contracts.alerts import AlertCleared, AlertRaised
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.risk import DecidedBy
from pacewatch.inference import metrics
from pacewatch.inference.alerts import repository
from pacewatch.inference.alerts.lost_events import event_id
from pacewatch.inference.alerts.repository import KIND, Closing, Opening
from pacewatch.inference.alerts.rules import Episode, Rules
from pacewatch.inference.scoring.levels import Verdict, recovered
from pacewatch.inference.scoring.repository import Origin
from pacewatch.inference.scoring.scorer import Scores
from pacewatch.inference.settings import InferenceSettings
from pacewatch.kit import db
from pacewatch.kit.columns.arrays import Bools, Ints
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit, emit_by_id
from pacewatch.ml.models.factors import Factor, to_factors
from pacewatch.ml.models.facts import Facts


async def open_and_close_alerts(
    session: Session,
    profile: Profile,
    settings: InferenceSettings,
    origin: Origin,
    scores: Scores,
    facts: Facts,
    newest: Bools,
) -> None:
    """Open and close episodes by these scores, sorted by device and time, and emit an alert for each that changed.

    `newest` marks scores of newest readings: only these close an episode. The others are of readings that were the
    newest when they arrived, and could not be scored then.
    """
    closing_risk = settings.hysteresis * origin.activation.threshold
    rules = Rules(closing_risk, timedelta(days=settings.cooldown_days), profile.label.horizon_s)
    latest = await repository.latest_episodes(await db.driver(session), scores.readings.device_ids.tolist())
    opening = _opening(rules, latest, origin, scores, profile.label.horizon_s)
    closing, dangers = _calm_and_dangerous(rules, profile, latest, scores.where(newest))
    if len(opening):
        await _raise(session, profile, origin, scores.where(opening), facts.where(opening))
    if closing:
        await _clear(session, origin, closing)
    if dangers:
        await repository.note_dangers(await db.driver(session), dangers)


def _opening(rules: Rules, latest: Mapping[int, Episode], origin: Origin, scores: Scores, horizon_s: int) -> Ints:
    """The entries of scores that open an episode: of each device the latest that may, by the model or by a limit.

    A score is about the horizon after its reading. When that is over, because the device has long been silent, the
    score opens nothing.
    """
    within_horizon = scores.readings.timestamps_s > origin.scored_at.timestamp() - horizon_s
    high: Ints = np.flatnonzero(within_horizon & scores.raises)
    high = high[np.append(np.diff(scores.readings.device_ids[high]) != 0, True)[: len(high)]]
    devices = scores.readings.device_ids[high].tolist()
    opens = [rules.opens(latest.get(device_id), origin.scored_at) for device_id in devices]
    return high[np.array(opens, dtype=np.bool_)]


def _calm_and_dangerous(
    rules: Rules, profile: Profile, latest: Mapping[int, Episode], scores: Scores
) -> tuple[list[Closing], dict[UUID, int]]:
    """What newest readings with a level say of open episodes: which of them close, and when others were a danger."""
    closing, dangers = list[Closing](), dict[UUID, int]()
    known = scores.where((scores.verdicts > Verdict.NO_HISTORY) & np.isin(scores.readings.device_ids, list(latest)))
    well = recovered(profile, known.readings.signals)
    columns = (known.readings.pairs(), *(column.tolist() for column in (known.risks, known.high, well)))
    for (device_id, timestamp_s), risk, is_high, has_recovered in zip(*columns, strict=True):
        episode = latest[device_id]
        if not episode.is_open:
            continue
        if is_high or not rules.is_calm(risk, episode, recovered=has_recovered):
            dangers[episode.id] = timestamp_s
        elif rules.closes(timestamp_s, episode):
            closing.append(Closing(episode.id, device_id, risk))
    return closing, dangers


async def _raise(session: Session, profile: Profile, origin: Origin, scores: Scores, facts: Facts) -> None:
    columns = zip(scores.readings.pairs(), scores.risks.tolist(), scores.each_verdict(), strict=True)
    openings = [Opening(*pair, risk, verdict.decided_by or DecidedBy.MODEL) for pair, risk, verdict in columns]
    activation, now = origin.activation, origin.scored_at
    opened = await repository.open_episodes(
        await db.driver(session), openings, threshold=activation.threshold, version=activation.version, now=now
    )
    signals, events = scores.readings.signals, list[AlertRaised]()
    for entry, (opening, factors) in enumerate(zip(openings, to_factors(profile, facts), strict=True)):
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
        decided_by=opening.decided_by,
        relative_risk=origin.activation.relative(opening.risk),
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
