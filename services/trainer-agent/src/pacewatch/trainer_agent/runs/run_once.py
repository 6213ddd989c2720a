"""One run without a worker or a broker, as a step of a pipeline."""

from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from pacewatch.kit.db import Database, is_outage
from pacewatch.kit.settings import KitSettings
from pacewatch.trainer_agent.errors import LeaseLost
from pacewatch.trainer_agent.runs import repository
from pacewatch.trainer_agent.runs.execute import execute
from pacewatch.trainer_agent.runs.progress import ReportProgress
from pacewatch.trainer_agent.runs.repository import Lease
from pacewatch.trainer_agent.runs.run import Result
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
    report_progress: ReportProgress,
) -> Result:
    """Queue `run_id` if it is new, and carry it out; a Result without a version has the reason."""
    try:
        async with database.transaction("trainer_agent") as session:
            await repository.add(session, run_id, reason, ACTOR, parameters)
            lease = await repository.claim(session, own.lease_s, agent_name(), run_id)
    except (OSError, sa.exc.DBAPIError) as error:
        return Result(run_id, None, "start", _reason(error))
    if lease is None:
        return Result(run_id, None, "start", "it has ended already, or another run is in progress")
    try:
        return await execute(database, lease, kit, own, report_progress)
    except LeaseLost:
        return Result(run_id, None, "lease", "it was cancelled, or another worker claimed it")
    except Exception as error:
        if not is_outage(error):
            raise
        return Result(run_id, None, "interrupted", f"{_reason(error)}; run it again to continue")
    finally:
        await _release(database, lease)


async def _release(database: Database, lease: Lease) -> None:
    """An unfinished run can be claimed again at once; a run that ended is not changed."""
    async with database.transaction("trainer_agent") as session:
        await repository.release(session, lease)


def _reason(error: Exception) -> str:
    cause = getattr(error, "__cause__", None)
    if isinstance(getattr(getattr(error, "orig", None), "__cause__", cause), asyncpg.UndefinedTableError):
        return "the trainer has no tables here yet; run `pacewatch migrate`"
    return f"PostgreSQL: {getattr(error, 'orig', error)}"
