"""Queries over pipeline stages: one row per pipeline run and stage."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from pacewatch.contracts.base import Paging
from pacewatch.kit.db import Session
from pacewatch.registry.pipelines.models import pipeline_stages as stages


async def upsert_stage(session: Session, values: dict[str, Any], started_at: datetime) -> None:
    """Store a stage's status; a later report of the same stage replaces it and keeps when the stage started."""
    row = insert(stages).values(**values, started_at=started_at)
    await session.execute(row.on_conflict_do_update(index_elements=["pipeline_run_id", "stage"], set_=values))


async def list_run_ids(session: Session, paging: Paging) -> tuple[list[str], int]:
    """One page of pipeline run ids, the latest started first, and the total count."""
    run_id, started_at = stages.c.pipeline_run_id, sa.func.min(stages.c.started_at)
    total = await session.scalar(sa.select(sa.func.count(run_id.distinct())))
    query = sa.select(run_id).group_by(run_id).order_by(started_at.desc(), run_id)
    query = query.limit(paging.size).offset(paging.offset)
    return list((await session.execute(query)).scalars()), int(total or 0)


async def find_stages(session: Session, run_ids: Sequence[str]) -> list[RowMapping]:
    """Every stage of these runs, run by run, in the order the stages started."""
    query = sa.select(stages).where(stages.c.pipeline_run_id.in_(run_ids))
    return list((await session.execute(query.order_by(stages.c.pipeline_run_id, stages.c.started_at))).mappings())
