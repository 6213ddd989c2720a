"""Whether this process can score: what `/readyz` says about the model."""

from pacewatch.inference.errors import NoUsableModel
from pacewatch.inference.models import repository
from pacewatch.inference.models.loader import ModelLoader
from pacewatch.kit import db
from pacewatch.kit.db import Database

NONE_YET = "no model is active yet: readings are stored, and scored when one is"


async def check(database: Database, models: ModelLoader) -> str:
    """NoUsableModel if no activated model opens; otherwise a remark if not the active one scores, or empty.

    That no model was ever activated is no fault of this process, and a remark as well.
    The loop that scores opens the model; this only looks, so that a slow artifact store does not hold up the answer.
    """
    async with database.transaction("inference") as session:
        activations = await repository.activations(await db.driver(session), {})
    if not activations:
        return NONE_YET
    active, scoring = activations[0], models.scoring
    if active.version == scoring:
        return ""
    why = f"{active.version} cannot be opened ({models.why_not(active) or 'it was not opened yet'})"
    if scoring is None:
        raise NoUsableModel(f"no model: {why}; readings wait to be scored")
    return f"{why}: {scoring}, which was active before, still scores"
