"""Activations and requested training runs, published again when they were lost on their way to their consumers.

The registry's other events need no second chance: they end runs and candidates that are over, or are only shown live.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from pacewatch.contracts.models import ModelActivated
from pacewatch.contracts.training import RunStatus, TrainingRequested
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.bus import Queue
from pacewatch.kit.messaging.reconcile import Sent, Source
from pacewatch.registry.models import service as models
from pacewatch.registry.models.models import activations
from pacewatch.registry.models.models import models as model_rows
from pacewatch.registry.runs import service as runs
from pacewatch.registry.runs.models import training_runs

ACTIVATIONS: Final = Queue("inference", "on_model_activated", (ModelActivated.type,))
REQUESTS: Final = Queue("trainer_agent", "on_training_requested", (TrainingRequested.type,))


async def list_activations(session: Session, since: datetime, after: int, limit: int) -> list[Sent]:
    """The activations behind sequence `after`."""
    query = sa.select(activations).where(activations.c.sequence > after, activations.c.activated_at >= since)
    rows = (await session.execute(query.order_by(activations.c.sequence).limit(limit))).mappings()
    return [Sent(models.event_id(row["version"], row["sequence"]), row["sequence"], row) for row in rows]


async def rebuild_activations(session: Session, sent: Sequence[Sent]) -> Mapping[UUID, ModelActivated]:
    """The events as they were; a model's artifact and gate do not change."""
    query = sa.select(model_rows).where(model_rows.c.version.in_({one.key["version"] for one in sent}))
    by_version = {row["version"]: row for row in (await session.execute(query)).mappings()}
    return {one.event_id: models.activated(by_version[one.key["version"]], one.key) for one in sent}


async def list_requests(session: Session, _since: datetime, after: int, limit: int) -> list[Sent]:
    """The runs that no trainer has begun: at most one, or it would wait, and block others, for ever."""
    if after:
        return []
    waits = training_runs.c.requested_here & (training_runs.c.status == RunStatus.REQUESTED)
    rows = (await session.execute(sa.select(training_runs).where(waits).limit(limit))).mappings()
    return [Sent(runs.event_id(row["id"]), place, row) for place, row in enumerate(rows, 1)]


async def rebuild_requests(_session: Session, sent: Sequence[Sent]) -> Mapping[UUID, TrainingRequested]:
    """The events as they were."""
    return {one.event_id: runs.requested(one.key) for one in sent}


SOURCES: Final = (
    Source(ACTIVATIONS, list_activations, rebuild_activations),
    Source(REQUESTS, list_requests, rebuild_requests),
)
