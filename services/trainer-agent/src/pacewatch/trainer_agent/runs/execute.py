"""One training run, from readings to a published candidate. Until its last transaction it changes only its own row."""

import json

from pacewatch.contracts.profiles import by_name
from pacewatch.kit.db import Database, is_outage
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts.manifest import all_library_versions
from pacewatch.ml.features.compute import feature_set_hash
from pacewatch.trainer_agent.candidates import commit
from pacewatch.trainer_agent.errors import LeaseLost
from pacewatch.trainer_agent.runs.checkpoints import Checkpoints
from pacewatch.trainer_agent.runs.finish import fail, publish
from pacewatch.trainer_agent.runs.progress import ReportProgress, Step, reporting
from pacewatch.trainer_agent.runs.repository import Lease
from pacewatch.trainer_agent.runs.run import Result, Run
from pacewatch.trainer_agent.runs.stages import make_candidate
from pacewatch.trainer_agent.settings import TrainerSettings


def _ignore_progress(_step: Step) -> None:
    """Report nothing."""


async def execute(
    database: Database,
    lease: Lease,
    kit: KitSettings,
    own: TrainerSettings,
    report_progress: ReportProgress = _ignore_progress,
) -> Result:
    """Carry out the run of `lease` and record its end; LeaseLost if another worker has it by then.

    An outage of PostgreSQL is raised while the run has attempts left: it says nothing about the run.
    """
    run = Run(database, kit, own, lease, by_name(kit.profile))
    last = Step("start", 0)

    def report(step: Step) -> None:
        nonlocal last
        last = step
        report_progress(step)

    checkpoints = _checkpoints(run)
    try:
        async with reporting(database, lease, own.lease_s, report) as reporter:
            manifest, reference = await make_candidate(run, reporter, checkpoints)
    except ExceptionGroup as group:
        if group.subgroup(LeaseLost):
            raise LeaseLost() from None
        error = _first(group)
        if is_outage(error) and lease.attempt < own.max_attempts:
            raise error from None
        result = await fail(run, last.stage, error)
    else:
        result = await publish(run, manifest, reference)
    checkpoints.clear()
    return result


def _checkpoints(run: Run) -> Checkpoints:
    """Those of earlier attempts of this run, valid only for the same parameters, code and libraries."""
    depends_on = [
        str(run.lease.run_id),
        run.lease.parameters,
        feature_set_hash(run.profile),
        commit.current(run.own),
        all_library_versions(),
    ]
    folder = run.own.cache_dir / "runs" / str(run.lease.run_id)
    return Checkpoints(folder, run.kit.artifact_keys().private(), json.dumps(depends_on, sort_keys=True))


def _first(group: BaseExceptionGroup) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
