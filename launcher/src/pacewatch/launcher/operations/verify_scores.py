"""`pacewatch verify-scores`: do the stored scores still follow from their models? Inference does the work."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pacewatch.inference import module
from pacewatch.inference.jobs import verify_scores
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings


def parse_time(text: str) -> datetime:
    """Unix seconds, or ISO 8601, which without a zone means UTC. ValueError for anything else."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        time = datetime.fromisoformat(text)
        return time if time.tzinfo else time.replace(tzinfo=UTC)


async def verify_stored_scores(settings: KitSettings, as_of: datetime) -> dict[str, Any]:
    """Compute every score stored up to `as_of` (fleet time) again. Returns how many were checked and which differ."""
    database = Database(settings.database_url_of("inference"), read_only=True)
    try:
        async with database.transaction("inference") as session:
            return asdict(await verify_scores.verify(session, module.create_inference(settings), as_of))
    finally:
        await database.close()
