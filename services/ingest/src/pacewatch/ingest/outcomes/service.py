"""Takes outcomes in: labels come from these and from nothing else, so each is kept and told by itself."""

from pacewatch.contracts.outcomes import MAX_OUTCOMES_PER_REQUEST, OutcomeReport
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.outcomes import repository
from pacewatch.ingest.outcomes.checking import Outcome, check
from pacewatch.ingest.parsing import json_array
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.outbox import emit_all

log = logs.get(__name__)


async def record(session: Session, profile: Profile, clock_tolerance_s: int, body: bytes, actor: str) -> OutcomeReport:
    """Record what is good and new; Unprocessable if the body is no batch. A known outcome once more is no error."""
    rows = json_array(body, MAX_OUTCOMES_PER_REQUEST)
    good, errors = check(rows, profile, int(clock.now_s()), clock_tolerance_s)
    columns = [[getattr(one, name) for one in good] for name in Outcome.__slots__]
    stored = await repository.insert(session, columns, clock.now(), actor, logs.correlation_id())
    await emit_all(session, [one.event() for one in good if one.id in stored])
    report = OutcomeReport(
        received=len(rows),
        recorded=len(stored),
        duplicates=len(good) - len(stored),
        rejected=len(rows) - len(good),
        errors=errors,
    )
    log.info("outcomes_recorded", recorded=report.recorded, duplicates=report.duplicates, rejected=report.rejected)
    return report
