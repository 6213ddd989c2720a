"""Answers to what is asked over HTTP: pages, one device, and scores of readings that are not stored."""

import asyncio
from typing import Any

import numpy as np
from pydantic import BaseModel

from pacewatch.contracts.base import FieldError, Page, Paging
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.risk import RiskLevel
from pacewatch.inference.errors import DuplicateReading, ImplausibleTime, NoActiveModel, NotScored, UnknownDevice
from pacewatch.inference.models.loader import ActiveModel
from pacewatch.inference.risk import late_findings as findings
from pacewatch.inference.risk import repository as queries
from pacewatch.inference.risk.schemas import RiskSummary
from pacewatch.inference.scoring import repository, scorer
from pacewatch.inference.scoring.scorer import Scores, level_of
from pacewatch.inference.service import Inference
from pacewatch.inference.windows.readings import Keys, Rows
from pacewatch.kit import clock, db
from pacewatch.kit.db import Session
from pacewatch.ml.models.factors import to_factors

Answer = dict[str, Any]


async def risks(
    session: Session, profile: Profile, level: RiskLevel | None, *, silent: bool, paging: Paging
) -> Page[Answer]:
    """A page of the risk list."""
    connection = await db.driver(session)
    rows, total = await queries.list_risks(
        connection, profile, level, silent=silent, limit=paging.size, offset=paging.offset
    )
    return Page.of(rows, total, paging)


async def summary(session: Session, profile: Profile) -> RiskSummary:
    """The fleet at a glance."""
    return RiskSummary(**await queries.summary(await db.driver(session), profile))


async def device(session: Session, profile: Profile, device_id: int) -> Answer:
    """One device; UnknownDevice or NotScored if there is nothing to tell."""
    connection = await db.driver(session)
    risk = await queries.current_risk(connection, profile, device_id)
    if risk is None:
        raise NotScored if await queries.is_known(connection, device_id) else UnknownDevice
    history, _total = await queries.list_predictions(connection, profile, device_id, (0, risk["timestamp"]))
    return risk | {"episode": await queries.open_episode(connection, device_id), "history": history}


async def late_findings(session: Session, inference: Inference, device_id: int | None, paging: Paging) -> Page[Answer]:
    """A page of what late readings tell afterwards."""
    connection = await db.driver(session)
    rows, total = await findings.page(
        connection, inference.profile, inference.settings, device_id, limit=paging.size, offset=paging.offset
    )
    return Page.of(rows, total, paging)


async def predictions(
    session: Session,
    profile: Profile,
    device_id: int,
    span_s: tuple[int, int],
    *,
    superseded: bool,
    paging: Paging,
) -> Page[Answer]:
    """A page of a device's scores."""
    rows, total = await queries.list_predictions(
        await db.driver(session),
        profile,
        device_id,
        span_s,
        superseded=superseded,
        limit=paging.size,
        offset=paging.offset,
    )
    return Page.of(rows, total, paging)


async def predict(session: Session, inference: Inference, request: BaseModel) -> Answer:
    """Scores of each device's newest reading, given these alone; NoActiveModel before the first activation."""
    activations = await repository.activations(await db.driver(session), inference.loader.read)
    model = await inference.loader.usable(activations)
    if model is None:
        raise NoActiveModel
    rows = _rows(inference.profile, request.model_dump()["readings"])
    wanted = scorer.newest_of(rows.keys)
    scores, explain = await asyncio.to_thread(scorer.score, model.engine, model.activation.threshold, rows, wanted)
    riskiest = np.lexsort((wanted.device_ids, -scores.risks)).tolist()
    factors = to_factors(inference.profile, await asyncio.to_thread(explain))
    return {
        "items": [_told(inference.profile, model, rows, scores, one) | {"factors": factors[one]} for one in riskiest]
    }


def _rows(profile: Profile, readings: list[dict[str, Any]]) -> Rows:
    """Request rows as columns, sorted; DuplicateReading or ImplausibleTime says which row cannot be."""
    device_ids = np.array([row[profile.device_field] for row in readings], dtype=np.int64)
    timestamps_s = np.array([row["timestamp"] for row in readings], dtype=np.int64)
    order = np.lexsort((timestamps_s, device_ids))
    same = (np.diff(device_ids[order]) == 0) & (np.diff(timestamps_s[order]) == 0)
    if same.any():
        raise DuplicateReading(errors=[_at(int(order[1:][same][0]), "duplicate", "a reading of this second is here")])
    foreign = (timestamps_s < profile.epoch_s) | (timestamps_s > clock.now_s() + SECONDS_PER_DAY)
    if foreign.any():
        raise ImplausibleTime(
            errors=[_at(int(np.flatnonzero(foreign)[0]), "timestamp_implausible", "no such time yet")]
        )
    signals = {name: np.array([row[name] for row in readings], dtype=np.float64) for name in profile.signal_names}
    keys = Keys(device_ids[order], timestamps_s[order])
    return Rows(keys, {name: values[order] for name, values in signals.items()})


def _at(row: int, code: str, message: str) -> FieldError:
    return FieldError(field=f"readings.{row}.timestamp", code=code, message=message)


def _told(profile: Profile, model: ActiveModel, rows: Rows, scores: Scores, one: int) -> Answer:
    risk, position = float(scores.risks[one]), int(scores.positions[one])
    return {
        profile.device_field: int(scores.keys.device_ids[one]),
        "risk": risk,
        "level": level_of(risk, scores.threshold),
        "timestamp": int(scores.keys.timestamps_s[one]),
        "model_version": model.activation.version,
        "threshold": scores.threshold,
        "signals": {name: float(values[position]) for name, values in rows.signals.items()},
        "scored_at": clock.now(),
    }
