"""What pipelines report of themselves, stage by stage: kept, told on, and put together again for the dashboard."""

from collections.abc import Sequence
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from pacewatch.contracts.base import Paging
from pacewatch.contracts.pipelines import PipelineReport, PipelineReported, StageStatus
from pacewatch.kit import clock
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit
from pacewatch.registry.schemas import PipelineRun, PipelineStage
from pacewatch.registry.tables import pipeline_stages as stages


async def report(session: Session, told: PipelineReport, *, actor: str) -> PipelineRun:
    """Keep where a stage stands; a later report of the same stage replaces the earlier one."""
    now = clock.now()
    values = told.model_dump(mode="json") | {"actor": actor, "reported_at": now}
    row = insert(stages).values(**values, started_at=now)
    row = row.on_conflict_do_update(index_elements=["pipeline_run_id", "stage"], set_=values)
    await session.execute(row)
    await emit(session, PipelineReported(**told.model_dump(exclude={"artifacts"}), reported_at=now))
    return (await _runs(session, [told.pipeline_run_id]))[0]


async def page(session: Session, paging: Paging) -> tuple[Sequence[PipelineRun], int]:
    """One page of pipeline runs, the one that began last first, and how many there are."""
    run_id, began = stages.c.pipeline_run_id, sa.func.min(stages.c.started_at)
    total = await session.scalar(sa.select(sa.func.count(run_id.distinct())))
    query = sa.select(run_id).group_by(run_id).order_by(began.desc(), run_id).limit(paging.size).offset(paging.offset)
    return await _runs(session, list((await session.execute(query)).scalars())), int(total or 0)


async def _runs(session: Session, run_ids: Sequence[str]) -> list[PipelineRun]:
    query = sa.select(stages).where(stages.c.pipeline_run_id.in_(run_ids))
    rows = (await session.execute(query.order_by(stages.c.pipeline_run_id, stages.c.started_at))).mappings()
    groups = groupby(rows, key=lambda row: str(row["pipeline_run_id"]))
    runs = {run_id: _run(run_id, list(group)) for run_id, group in groups}
    return [runs[run_id] for run_id in run_ids]


def _run(run_id: str, rows: list[RowMapping]) -> PipelineRun:
    return PipelineRun(
        pipeline_run_id=run_id,
        pipeline=rows[-1]["pipeline"],
        commit=rows[-1]["commit"],
        status=_status({StageStatus(row["status"]) for row in rows}),
        started_at=min(row["started_at"] for row in rows),
        reported_at=max(row["reported_at"] for row in rows),
        stages=[PipelineStage(**{name: row[name] for name in PipelineStage.model_fields}) for row in rows],
    )


def _status(statuses: set[StageStatus]) -> StageStatus:
    for status in (StageStatus.FAILED, StageStatus.RUNNING, StageStatus.SUCCEEDED):
        if status in statuses:
            return status
    return StageStatus.SKIPPED
