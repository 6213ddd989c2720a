"""HTTP to calls: batches in, their audit, and what is stored."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from pacewatch.contracts.base import MAX_INTEGER, Page, Problem
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import MAX_ROWS_PER_REQUEST, IngestReport, Mode, reading_model
from pacewatch.ingest.audit import NarrowingDep
from pacewatch.ingest.parsing import body_of
from pacewatch.ingest.schemas import BatchRecord, RefusedReport, TelemetrySummary, stored_readings_model
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.telemetry import queries, readings, service
from pacewatch.ingest.telemetry.bodies import MediaType
from pacewatch.ingest.web import DevicePath, Limit, Reader, Seconds, TelemetryWriter, array_body
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep

IdempotencyKey = Annotated[
    str | None,
    Header(max_length=200, pattern=r"^[\x21-\x7e]+$", description="a repeat under the same key gets the first answer"),
]
ModeQuery = Annotated[Mode, Query(description="backfill stores history without scoring or alarms")]
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": IngestReport, "description": "Stored what was good and new"},
    422: {"model": RefusedReport | Problem, "description": "No array of 1 to 2000 rows, or no valid row in it"},
}


def add_routes(router: APIRouter, profile: Profile, settings: IngestSettings) -> None:
    """Everything under `/telemetry`, in the words of `profile`."""
    _add_ingest(router, profile, settings)
    _add_audit(router)
    _add_readings(router, profile)


def _add_ingest(router: APIRouter, profile: Profile, settings: IngestSettings) -> None:
    body = array_body(reading_model(profile), MAX_ROWS_PER_REQUEST, MediaType.PARQUET, MediaType.ARROW)

    @router.post("/telemetry/ingest", responses=ANSWERS, openapi_extra=body)
    async def ingest_batch(
        request: Request,
        session: SessionDep,
        actor: TelemetryWriter,
        mode: ModeQuery = Mode.LIVE,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Store a batch of readings. A bad row is told and the rest is accepted; a stored row always stays."""
        address = request.client.host if request.client else ""
        media_type = MediaType.of(request.headers.get("content-type", ""))
        delivery = service.Delivery(await body_of(request), mode, actor.name, address, idempotency_key, media_type)
        return (await service.ingest(session, profile, settings.clock_tolerance_s, delivery)).response()


def _add_audit(router: APIRouter) -> None:
    @router.get("/telemetry/batches")
    async def list_batches(
        session: SessionDep, _: Reader, narrowing: NarrowingDep, paging: PagingDep
    ) -> Page[BatchRecord]:
        """Every batch that was taken in, newest first; `total` counts up to 10,000."""
        items, total = await queries.batches(session, narrowing, paging)
        return Page.of(items, total, paging)

    @router.get("/telemetry/batches/{batch_id}")
    async def get_batch(session: SessionDep, _: Reader, batch_id: UUID) -> BatchRecord:
        """The audit of one batch."""
        return await queries.batch(session, batch_id)

    @router.get("/telemetry/summary")
    async def get_summary(session: SessionDep, _: Reader) -> TelemetrySummary:
        """How much is stored, of how many devices, from when to when."""
        return await queries.summary(session)


def _add_readings(router: APIRouter, profile: Profile) -> None:
    several = stored_readings_model(profile)

    @router.get("/telemetry/devices/{device_id}/readings", response_model=several)
    async def list_device_readings(
        session: SessionDep,
        _: Reader,
        device_id: DevicePath,
        from_s: Seconds = 0,
        to_s: Seconds = MAX_INTEGER,
        limit: Limit = 500,
    ) -> Response:
        """The newest readings of one device within [from_s, to_s], oldest first."""
        return Response(await readings.of_device(session, profile, device_id, from_s, to_s, limit), 200, *_JSON)

    @router.get("/telemetry/recent", response_model=several)
    async def list_recent_readings(session: SessionDep, _: Reader, limit: Limit = 50) -> Response:
        """The newest readings of the whole fleet, newest first."""
        return Response(await readings.recent(session, profile, limit), 200, *_JSON)


_JSON = (None, "application/json")
