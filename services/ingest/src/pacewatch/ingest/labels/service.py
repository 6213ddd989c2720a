"""Updates labels of readings: derives them from outcomes and silence."""

from collections import Counter
from datetime import UTC, datetime

from pacewatch.contracts.labels import LabelsMatured
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.ingest import downtime
from pacewatch.ingest.labels import repository
from pacewatch.ingest.labels.schemas import LabelsMoved, LabelSummary
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit

log = logs.get(__name__)


async def mature(session: Session, profile: Profile, settings: IngestSettings, now_s: int) -> LabelsMoved:
    """Update the label of every reading as of `now_s`, Unix seconds of fleet time; a repetition changes nothing.

    Emits LabelsMatured if any label changed.
    """
    await repository.lock(session)
    grace_s = settings.silence_grace_days * SECONDS_PER_DAY
    # While we were down, no device could send: that is no part of its silence.
    silent_since_s = downtime.up_for(grace_s, now_s, await downtime.newest(session))
    moves = await repository.update_labels(session, now_s, profile.label.horizon_s, silent_since_s)
    changes: Counter[str] = Counter()
    for (before, after), rows in moves.items():
        changes[before] -= rows
        changes[after] += rows
    await repository.update_counts(session, now_s, changes)
    _, counts = await repository.counts(session)
    moved, as_of = sum(moves.values()), _datetime(now_s)
    if moved:
        await emit(session, LabelsMatured(as_of=as_of, moved=moved, counts=counts))
        log.info("labels_matured", moved=moved, **counts.model_dump())
    by_change = {f"{before}>{after}": rows for (before, after), rows in sorted(moves.items())}
    return LabelsMoved(as_of=as_of, counts=counts, moved=moved, moves=by_change)


async def mature_if_due(session: Session, profile: Profile, settings: IngestSettings) -> bool:
    """Update labels if the last update is old enough and no other process does it now; whether it did."""
    if not await repository.try_lock(session):
        return False
    as_of_s, _ = await repository.counts(session)
    now_s = int(clock.now_s())
    # If the clock was set back, labels are due at once: the last update was for a later time.
    if as_of_s is not None and 0 <= now_s - as_of_s < settings.mature_every_h * 3_600:
        return False
    await mature(session, profile, settings, now_s)
    return True


async def summary(session: Session) -> LabelSummary:
    """Readings by label, as of the last update."""
    as_of_s, counts = await repository.counts(session)
    return LabelSummary(as_of=None if as_of_s is None else _datetime(as_of_s), counts=counts)


def _datetime(timestamp_s: int) -> datetime:
    return datetime.fromtimestamp(timestamp_s, UTC)
