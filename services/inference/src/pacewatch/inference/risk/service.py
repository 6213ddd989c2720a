"""The risk service: what the API says about risks, scores and late findings."""

from typing import Any

from pacewatch.contracts.base import Page, Paging
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.risk import RiskLevel
from pacewatch.inference.errors import NotScored, UnknownDevice
from pacewatch.inference.risk import late_findings, repository
from pacewatch.inference.risk.schemas import RiskSummary
from pacewatch.inference.service import Inference, lack_of
from pacewatch.kit import db
from pacewatch.kit.db import Session
from pacewatch.kit.tables.device_names import id_of, with_names

Response = dict[str, Any]


async def list_risks(
    session: Session, profile: Profile, level: RiskLevel | None, *, silent: bool, paging: Paging
) -> Page[Response]:
    """A page of the risk list."""
    connection = await db.driver(session)
    rows, total = await repository.list_risks(
        connection, profile, level, silent=silent, limit=paging.size, offset=paging.offset
    )
    return Page.of(await with_names(session, rows), total, paging)


async def summarize_risks(session: Session, profile: Profile) -> RiskSummary:
    """The fleet at a glance."""
    return RiskSummary(**await repository.summarize_risks(await db.driver(session), profile))


async def get_risk(session: Session, inference: Inference, device: str) -> Response:
    """One device; UnknownDevice without a reading, NotScored without a score."""
    profile, device_id = inference.profile, await id_of(session, device)
    connection = await db.driver(session)
    risk = await repository.get_risk(connection, profile, device_id)
    if risk is None:
        raise NotScored if await repository.has_readings(connection, device_id) else UnknownDevice
    lack = await lack_of(connection, profile, device_id, risk["timestamp"])
    history, _total = await repository.list_predictions(connection, profile, device_id, (0, risk["timestamp"]))
    (named,) = await with_names(session, [risk])
    return named | {
        "missing": lack.missing,
        "no_level_text": lack.text(profile, risk["no_level"]),
        "episode": await repository.get_open_episode(connection, device_id),
        "history": await with_names(session, history),
    }


async def list_late_findings(
    session: Session, inference: Inference, device: str | None, paging: Paging
) -> Page[Response]:
    """A page of late findings."""
    device_id = None if device is None else await id_of(session, device)
    connection = await db.driver(session)
    rows, total = await late_findings.list_late_findings(
        connection, inference.profile, inference.settings, device_id, limit=paging.size, offset=paging.offset
    )
    return Page.of(await with_names(session, rows), total, paging)


async def list_predictions(
    session: Session,
    profile: Profile,
    device: str,
    span_s: tuple[int, int],
    *,
    superseded: bool,
    paging: Paging,
) -> Page[Response]:
    """A page of a device's scores."""
    rows, total = await repository.list_predictions(
        await db.driver(session),
        profile,
        await id_of(session, device),
        span_s,
        superseded=superseded,
        limit=paging.size,
        offset=paging.offset,
    )
    return Page.of(await with_names(session, rows), total, paging)
