"""Judges the label ledger: turns outcomes and silence into labels, and never a guess into one."""

from collections import Counter
from datetime import UTC, datetime

from pacewatch.contracts.labels import LabelsMatured
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.ingest.labels import repository
from pacewatch.ingest.schemas import LabelsMoved, LabelSummary
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit

log = logs.get(__name__)


async def mature(session: Session, profile: Profile, settings: IngestSettings, now_s: int) -> LabelsMoved:
    """Move readings to the state that is known as of `now_s`, Unix seconds of fleet time; a second time moves nothing.

    Emits LabelsMatured when anything moved.
    """
    await repository.lock(session)
    grace_s = settings.silence_grace_days * SECONDS_PER_DAY
    moves = await repository.move(session, now_s, profile.label.horizon_s, grace_s)
    changes: Counter[str] = Counter()
    for (before, after), rows in moves.items():
        changes[before] -= rows
        changes[after] += rows
    await repository.book(session, now_s, changes)
    _, counts = await repository.counts(session)
    moved, as_of = sum(moves.values()), _moment(now_s)
    if moved:
        await emit(session, LabelsMatured(as_of=as_of, moved=moved, counts=counts))
        log.info("labels_matured", moved=moved, **counts.model_dump())
    told = {f"{before}>{after}": rows for (before, after), rows in sorted(moves.items())}
    return LabelsMoved(as_of=as_of, counts=counts, moved=moved, moves=told)


async def mature_if_due(session: Session, profile: Profile, settings: IngestSettings) -> bool:
    """Judge the ledger if the last judgement is old enough and nobody else is at it; whether it was judged."""
    if not await repository.try_lock(session):
        return False
    as_of_s, _ = await repository.counts(session)
    now_s = int(clock.now_s())
    # A clock that was set back is due at once: the last judgement says nothing about this time.
    if as_of_s is not None and 0 <= now_s - as_of_s < settings.mature_every_h * 3_600:
        return False
    await mature(session, profile, settings, now_s)
    return True


async def summary(session: Session) -> LabelSummary:
    """The ledger as it stands."""
    as_of_s, counts = await repository.counts(session)
    return LabelSummary(as_of=None if as_of_s is None else _moment(as_of_s), counts=counts)


def _moment(timestamp_s: int) -> datetime:
    return datetime.fromtimestamp(timestamp_s, UTC)
