"""The event that announces a scored batch."""

from collections import Counter

from pacewatch.contracts.risk import RiskLevel, RiskScored, TopRisk
from pacewatch.inference.scoring.repository import Origin
from pacewatch.inference.scoring.scorer import Scores
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit

TOP = 10


async def emit_risk_scored(session: Session, origin: Origin, scores: Scores) -> None:
    """Announce how many scores of each level a batch has, and its `TOP` riskiest devices; those without a level not."""
    levels, device_ids = [verdict.level for verdict in scores.each_verdict()], scores.readings.device_ids
    counts = Counter(levels)
    riskiest = [one for one in scores.by_urgency().tolist() if levels[one]][:TOP]
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
