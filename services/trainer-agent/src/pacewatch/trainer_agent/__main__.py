"""The process of one run: `python -m pacewatch.trainer_agent RUN_ID LEASE_TOKEN`; `runs.subprocess` starts it."""

import asyncio
import os
import sys
from uuid import UUID

from pacewatch.kit import clock, logs
from pacewatch.kit.db import Database, is_outage
from pacewatch.kit.settings import KitSettings, load
from pacewatch.trainer_agent.errors import LeaseLost
from pacewatch.trainer_agent.runs import repository, subprocess
from pacewatch.trainer_agent.runs.execute import execute
from pacewatch.trainer_agent.settings import TrainerSettings


async def main(run_id: UUID, token: UUID) -> int:
    """Exit code: 0 a candidate was published, 1 the run failed, 3 the lease was lost, TRY_LATER PostgreSQL was out."""
    kit, own = load(KitSettings), load(TrainerSettings)
    logs.configure(kit.log_format, kit.log_level)
    clock.apply_setting(kit.clock)
    os.nice(own.niceness)
    database = Database(kit.database_url_of("trainer_agent"), pool_size=2)
    try:
        async with database.transaction("trainer_agent") as session:
            lease = await repository.find_lease(session, run_id, token)
        result = await execute(database, lease, kit, own)
    except LeaseLost:
        logs.get(__name__).warning("training_lease_lost", run_id=str(run_id))
        os._exit(3)  # at once: the training thread would keep the process alive
    except Exception as error:
        if not is_outage(error):
            raise
        logs.get(__name__).warning("training_interrupted", run_id=str(run_id), reason=str(error))
        os._exit(subprocess.TRY_LATER)
    finally:
        await database.close()
    return 0 if result.version else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(UUID(sys.argv[1]), UUID(sys.argv[2]))))
