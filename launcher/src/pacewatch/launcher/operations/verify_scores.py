"""Are the stored scores what their models say? The command behind `pacewatch replay`; inference does the work."""

from datetime import UTC, datetime
from typing import Any

from pacewatch.inference import module
from pacewatch.inference.jobs import verify_scores
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings


def moment(text: str) -> datetime:
    """Unix seconds or ISO 8601, which is UTC without a zone; ValueError for anything else."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


async def replay_scores(settings: KitSettings, as_of: datetime) -> dict[str, Any]:
    """How many stored scores were computed again, and which differ."""
    database = Database(settings.database_url.get_secret_value(), read_only=True)
    try:
        async with database.transaction("inference") as session:
            return verify_scores.as_json(await verify_scores.replay(session, module.create_inference(settings), as_of))
    finally:
        await database.close()
