"""Queries over alerts. Raise and clear are upserts, because their events may arrive in any order."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from pacewatch.contracts.alerts import AlertCleared, AlertRaised
from pacewatch.kit.db import Session
from pacewatch.notifier.alerts.schemas import AlertStatus

Row = dict[str, Any]

_STATUS = """
    CASE WHEN cleared_at IS NOT NULL THEN 'cleared' WHEN acknowledged_at IS NOT NULL THEN 'acknowledged' ELSE 'open' END
"""
_COLUMNS = f"*, {_STATUS} AS status, timestamp_s AS timestamp"
# _STATUS as conditions that the index alerts_not_over serves: the dashboard asks all the time for alerts not cleared.
_STATUS_CONDITIONS = {
    AlertStatus.OPEN: "cleared_at IS NULL AND acknowledged_at IS NULL",
    AlertStatus.ACKNOWLEDGED: "cleared_at IS NULL AND acknowledged_at IS NOT NULL",
    AlertStatus.CLEARED: "cleared_at IS NOT NULL",
}

_RAISE = sa.text("""
    INSERT INTO notifier.alerts
        (id, device_id, kind, risk, threshold, decided_by, relative_risk, factors, signals, timestamp_s, model_version,
        raised_at)
    VALUES (:alert_id, :device_id, :kind, :risk, :threshold, :decided_by, :relative_risk, CAST(:factors AS jsonb),
        CAST(:signals AS jsonb), :timestamp_s, :model_version, :raised_at)
    ON CONFLICT (id) DO UPDATE SET
        risk = excluded.risk, threshold = excluded.threshold, decided_by = excluded.decided_by,
        relative_risk = excluded.relative_risk, factors = excluded.factors, signals = excluded.signals,
        timestamp_s = excluded.timestamp_s, model_version = excluded.model_version, raised_at = excluded.raised_at
    WHERE alerts.raised_at IS NULL
""")
_CLEAR = sa.text("""
    INSERT INTO notifier.alerts (id, device_id, kind, cleared_at) VALUES (:alert_id, :device_id, :kind, :cleared_at)
    ON CONFLICT (id) DO UPDATE SET cleared_at = coalesce(alerts.cleared_at, excluded.cleared_at)
""")
_ACKNOWLEDGE = sa.text(f"""
    UPDATE notifier.alerts SET
        acknowledged_at = coalesce(acknowledged_at, :at),
        acknowledged_by = coalesce(acknowledged_by, :by),
        note = CASE WHEN acknowledged_at IS NULL THEN :note ELSE note END
    WHERE id = :id AND raised_at IS NOT NULL RETURNING {_COLUMNS}
""")  # noqa: S608 - constants
_GET = sa.text(f"SELECT {_COLUMNS} FROM notifier.alerts WHERE id = :id AND raised_at IS NOT NULL")  # noqa: S608
_WITHOUT_DELIVERIES = sa.text("""
    SELECT id FROM notifier.alerts
    WHERE raised_at IS NOT NULL AND cleared_at IS NULL AND acknowledged_at IS NULL
        AND NOT EXISTS (SELECT FROM notifier.deliveries WHERE alert_id = alerts.id)
    ORDER BY id
""")


async def raise_alert(session: Session, event: AlertRaised) -> None:
    """Store the alert; a repeated event changes nothing."""
    values = event.model_dump(exclude={"factors", "signals"}) | {
        "factors": json.dumps([factor.model_dump() for factor in event.factors]),
        "signals": json.dumps(event.signals),
    }
    await session.execute(_RAISE, values)


async def clear_alert(session: Session, event: AlertCleared) -> None:
    """Store when the alert was cleared, even if its AlertRaised has not arrived yet."""
    await session.execute(_CLEAR, event.model_dump(exclude={"risk"}))


async def acknowledge(session: Session, alert_id: UUID, at: datetime, by: str, note: str) -> Row | None:
    """The acknowledged alert; None if there is none. Only the first acknowledgement counts."""
    result = await session.execute(_ACKNOWLEDGE, {"id": alert_id, "at": at, "by": by, "note": note})
    return _first(result)


async def get_alert(session: Session, alert_id: UUID) -> Row | None:
    """One alert; None if there is none."""
    return _first(await session.execute(_GET, {"id": alert_id}))


async def open_without_deliveries(session: Session) -> Sequence[UUID]:
    """Open alerts without any delivery, as when no recipient was set when they were raised."""
    return (await session.scalars(_WITHOUT_DELIVERIES)).all()


async def list_alerts(
    session: Session, *, status: AlertStatus | None, device_id: int | None, limit: int, offset: int
) -> tuple[list[Row], int]:
    """Alerts, newest first, and the total count."""
    status_condition = f" AND {_STATUS_CONDITIONS[status]}" if status else ""
    device_condition = "" if device_id is None else " AND device_id = :device_id"
    source = f"FROM notifier.alerts WHERE raised_at IS NOT NULL{status_condition}{device_condition}"
    page = sa.text(f"SELECT {_COLUMNS} {source} ORDER BY raised_at DESC, id LIMIT :limit OFFSET :offset")
    device = {} if device_id is None else {"device_id": device_id}
    rows = await session.execute(page, {**device, "limit": limit, "offset": offset})
    total = await session.scalar(sa.text(f"SELECT count(*) {source}"), device)
    return [dict(row) for row in rows.mappings()], int(total or 0)


def _first(result: sa.Result[Any]) -> Row | None:
    row = result.mappings().first()
    return dict(row) if row is not None else None
