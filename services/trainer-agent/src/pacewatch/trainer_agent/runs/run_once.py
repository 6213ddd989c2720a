"""One run on its own, as a step of a pipeline: no worker, no broker needed."""

from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings
from pacewatch.trainer_agent.errors import LeaseLost
from pacewatch.trainer_agent.runs import repository
from pacewatch.trainer_agent.runs.progress import ReportProgress
from pacewatch.trainer_agent.runs.repository import Lease
from pacewatch.trainer_agent.runs.run import Result, execute
from pacewatch.trainer_agent.runs.worker import agent_name
from pacewatch.trainer_agent.settings import TrainerSettings

ACTOR = "trainer-agent"


async def run(
    database: Database,
    run_id: UUID,
    reason: str,
    parameters: dict[str, Any],
    kit: KitSettings,
    own: TrainerSettings,
    also: ReportProgress,
) -> Result:
    """Carry out `run_id`, asked for before or now; a Result without a version says why it could not be."""
    try:
        async with database.transaction("trainer_agent") as session:
            await repository.add(session, run_id, reason, ACTOR, parameters)
            lease = await repository.claim(session, own.lease_s, agent_name(), run_id)
    except (OSError, sa.exc.DBAPIError) as error:
        return Result(run_id, None, "start", _reason(error))
    if lease is None:
        return Result(run_id, None, "start", "it has ended already, or a trainer is at work on a run")
    try:
        return await execute(database, lease, kit, own, also)
    except LeaseLost:
        return Result(run_id, None, "lease", "it was cancelled, or somebody else took it up")
    finally:
        await _give_back(database, lease)


async def _give_back(database: Database, lease: Lease) -> None:
    """A run that we leave unfinished can be taken up at once; one that ended stays as it is."""
    async with database.transaction("trainer_agent") as session:
        await repository.release(session, lease)


def _reason(error: Exception) -> str:
    cause = getattr(error, "__cause__", None)
    if isinstance(getattr(getattr(error, "orig", None), "__cause__", cause), asyncpg.UndefinedTableError):
        return "the trainer has no tables here yet; run `pacewatch migrate`"
    return f"PostgreSQL: {getattr(error, 'orig', error)}"
