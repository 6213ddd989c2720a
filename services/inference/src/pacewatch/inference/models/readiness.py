"""Whether this process can score: what `/readyz` says about the model."""

from pacewatch.inference.errors import NoUsableModel
from pacewatch.inference.models import repository
from pacewatch.inference.models.loader import ModelLoader
from pacewatch.kit import db
from pacewatch.kit.db import Database

NONE_YET = "no model is active yet: readings are stored, and scored when one is"


async def check(database: Database, models: ModelLoader) -> str:
    """A remark while no model was ever activated, which is no fault of this process; NoUsableModel if none opens.

    The loop that scores opens the model; this only looks, so that a slow artifact store does not hold up the answer.
    """
    async with database.transaction("inference") as session:
        activations = await repository.activations(await db.driver(session), {})
    if not activations:
        return NONE_YET
    if not models.can_score:
        reason = models.why_not(activations[0]) or "it was not opened yet"
        raise NoUsableModel(
            f"no model: {activations[0].version} cannot be opened ({reason}); readings wait to be scored"
        )
    return ""
