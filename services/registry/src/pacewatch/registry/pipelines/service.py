"""Stores what pipelines report, stage by stage, publishes it, and assembles whole runs for the dashboard."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import RowMapping

from pacewatch.contracts.base import Paging
from pacewatch.contracts.pipelines import PipelineReport, PipelineReported, StageStatus
from pacewatch.kit import clock
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit
from pacewatch.registry.pipelines import repository
from pacewatch.registry.pipelines.schemas import PipelineRun, PipelineStage


async def report_stage(session: Session, report: PipelineReport, *, actor: str) -> PipelineRun:
    """Store the status of a stage; a later report of the same stage replaces the earlier one."""
    now = clock.now()
    values = report.model_dump(mode="json") | {"actor": actor, "reported_at": now}
    await repository.upsert_stage(session, values, started_at=now)
    await emit(session, PipelineReported(**report.model_dump(exclude={"artifacts"}), reported_at=now))
    return (await _load_runs(session, [report.pipeline_run_id]))[0]


async def list_runs(session: Session, paging: Paging) -> tuple[Sequence[PipelineRun], int]:
    """One page of pipeline runs, the latest started first, and the total count."""
    run_ids, total = await repository.list_run_ids(session, paging)
    return await _load_runs(session, run_ids), total


async def _load_runs(session: Session, run_ids: Sequence[str]) -> list[PipelineRun]:
    """The runs in the order of `run_ids`."""
    rows = await repository.find_stages(session, run_ids)
    groups = groupby(rows, key=lambda row: str(row["pipeline_run_id"]))
    runs = {run_id: _to_response(run_id, list(group)) for run_id, group in groups}
    return [runs[run_id] for run_id in run_ids]


def _to_response(run_id: str, rows: list[RowMapping]) -> PipelineRun:
    return PipelineRun(
        pipeline_run_id=run_id,
        pipeline=rows[-1]["pipeline"],
        commit=rows[-1]["commit"],
        status=_run_status({StageStatus(row["status"]) for row in rows}),
        started_at=min(row["started_at"] for row in rows),
        reported_at=max(row["reported_at"] for row in rows),
        stages=[PipelineStage(**{name: row[name] for name in PipelineStage.model_fields}) for row in rows],
    )


def _run_status(stage_statuses: set[StageStatus]) -> StageStatus:
    for status in (StageStatus.FAILED, StageStatus.RUNNING, StageStatus.SUCCEEDED):
        if status in stage_statuses:
            return status
    return StageStatus.SKIPPED
