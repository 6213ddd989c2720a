"""Scores readings that a request brings, without storing anything."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import BaseModel

from pacewatch.contracts.base import FieldError
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.inference.errors import DuplicateReading, ImplausibleTime, NoActiveModel
from pacewatch.inference.models.loader import ActiveModel
from pacewatch.inference.register import repository as attributes
from pacewatch.inference.scoring import scorer
from pacewatch.inference.scoring.levels import Verdict
from pacewatch.inference.scoring.scorer import Lack, Scores
from pacewatch.inference.service import Inference
from pacewatch.kit import clock, db
from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.db import Session
from pacewatch.ml.models.factors import to_factors
from pacewatch.ml.models.facts import group_names


async def score_request(session: Session, inference: Inference, request: BaseModel) -> dict[str, Any]:
    """Score each device's newest reading from these readings and what the register says of the devices.

    NoActiveModel before the first activation.
    """
    connection = await db.driver(session)
    model = await inference.models.active(connection)
    if model is None:
        raise NoActiveModel
    profile = inference.profile
    readings = _readings(profile, request.model_dump()["readings"])
    newest = scorer.newest_of(readings)
    register = await attributes.load(connection, profile, newest.device_ids, attributes.ALL_BATCHES)
    arguments = (model.engine, model.activation.threshold, readings, newest, register)
    scores, explain = await asyncio.to_thread(scorer.score, *arguments)
    facts, seen = await asyncio.to_thread(explain), model.engine.profile
    factors, lacks = to_factors(seen, facts), scorer.lacks_of(seen, readings, newest, register)
    sums = [dict(zip(group_names(profile), row, strict=True)) for row in facts.sums.tolist()]
    return {
        "items": [
            _to_response(profile, model, scores, lacks[entry], entry)
            | {"factors": factors[entry], "contributions": sums[entry]}
            for entry in scores.by_urgency().tolist()
        ]
    }


def _readings(profile: Profile, rows: Sequence[dict[str, Any]]) -> Readings:
    """A request's rows as columns, sorted; DuplicateReading or ImplausibleTime names the row at fault."""
    signals = {name: [row[name] for row in rows] for name in profile.signal_names}
    readings = Readings.of_lists(
        [row[profile.device_field] for row in rows], [row["timestamp"] for row in rows], signals
    )
    order = np.lexsort((readings.timestamps_s, readings.device_ids))
    ordered = readings.where(order)
    same = (np.diff(ordered.device_ids) == 0) & (np.diff(ordered.timestamps_s) == 0)
    if same.any():
        raise DuplicateReading(
            errors=[_at(order[1:][same], "duplicate", "another row has the same device and the same second")]
        )
    seconds = readings.timestamps_s
    implausible = (seconds < profile.epoch_s) | (seconds > clock.now_s() + SECONDS_PER_DAY)
    if implausible.any():
        errors = [_at(np.flatnonzero(implausible), "timestamp_implausible", "before such devices, or in the future")]
        raise ImplausibleTime(errors=errors)
    return ordered


def _at(rows: Ints, code: str, message: str) -> FieldError:
    """The error of the first of these rows."""
    return FieldError(field=f"readings.{rows[0]}.timestamp", code=code, message=message)


def _to_response(profile: Profile, model: ActiveModel, scores: Scores, lack: Lack, entry: int) -> dict[str, Any]:
    readings, verdict = scores.readings, Verdict(scores.verdicts[entry])
    return {
        profile.device_field: int(readings.device_ids[entry]),
        "device": str(readings.device_ids[entry]),
        "risk": float(scores.risks[entry]),
        "level": verdict.level,
        "no_level": verdict.no_level,
        "no_level_text": lack.text(profile, verdict.no_level),
        "missing": lack.missing,
        "decided_by": verdict.decided_by,
        "relative_risk": model.activation.relative(float(scores.risks[entry])),
        "timestamp": int(readings.timestamps_s[entry]),
        "measured_at": int(readings.timestamps_s[entry]),
        "model_version": model.activation.version,
        "threshold": scores.threshold,
        "signals": {name: float(values[entry]) for name, values in readings.signals.items()},
        "scored_at": clock.now(),
    }
