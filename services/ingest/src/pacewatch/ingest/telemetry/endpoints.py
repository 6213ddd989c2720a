"""HTTP endpoints of telemetry: sending batches, reading their audit, and reading stored readings."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from pacewatch.contracts.base import MAX_INTEGER, Page, Problem
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import MAX_ROWS_PER_REQUEST, IngestReport, Mode, sent_reading_model
from pacewatch.ingest.audit import AuditFilterDep
from pacewatch.ingest.senders.bound_keys import BoundKey
from pacewatch.ingest.senders.quotas import Quotas
from pacewatch.ingest.telemetry import queries, service, stored_readings
from pacewatch.ingest.telemetry.batches import BatchRequest
from pacewatch.ingest.telemetry.bodies import CheckBody, MediaType
from pacewatch.ingest.telemetry.schemas import (
    BatchRecord,
    RefusedReport,
    TelemetrySummary,
    stored_reading_model,
    stored_readings_model,
)
from pacewatch.ingest.web import (
    BoundTelemetryWriter,
    DevicePath,
    FromQuery,
    Limit,
    Reader,
    ToQuery,
    array_body,
    body_of,
)
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, takes_body
from pacewatch.kit.http.security import client_address
from pacewatch.kit.http.tables import CSV_RESPONSES, ListFormat, RowsFormatQuery, csv_response

IdempotencyKey = Annotated[
    str | None,
    Header(
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="a repeat under the same key gets the first answer",
    ),
]
ModeQuery = Annotated[Mode, Query(description="backfill stores history without scores or alerts")]
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": IngestReport, "description": "Stored the rows that are valid and new"},
    422: {"model": RefusedReport | Problem, "description": "Not an array of 1 to 2000 rows, or no row is valid"},
}


def add_routes(router: APIRouter, profile: Profile, quotas: Quotas, check_body: CheckBody) -> None:
    """Add the routes under `/telemetry`, with the fields of `profile`."""
    _add_ingest(router, profile, quotas, check_body)
    _add_audit(router)
    _add_readings(router, profile)


def _add_ingest(router: APIRouter, profile: Profile, quotas: Quotas, check_body: CheckBody) -> None:
    body = array_body(sent_reading_model(profile), MAX_ROWS_PER_REQUEST, MediaType.PARQUET, MediaType.ARROW)

    @router.post("/telemetry/ingest", responses=RESPONSES, openapi_extra=body)
    @takes_body()
    async def ingest_batch(
        request: Request,
        session: SessionDep,
        actor: BoundTelemetryWriter,
        mode: ModeQuery = Mode.LIVE,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Store a batch of readings. Invalid rows are reported, all others accepted; a stored reading never changes."""
        quotas.check(actor.name)
        address, kind = client_address(request), MediaType.of(request.headers.get("content-type", ""))
        content = await body_of(quotas.counted(actor.name, request.stream()))
        sent = BatchRequest(content, mode, actor.name, address, idempotency_key, kind)
        rows = await check_body(sent.body, kind)
        quotas.add(actor.name, rows.received)
        return (await service.ingest(session, profile, sent, rows, BoundKey.of(request, actor))).response()


def _add_audit(router: APIRouter) -> None:
    @router.get("/telemetry/batches")
    async def list_batches(
        session: SessionDep, _: Reader, filters: AuditFilterDep, paging: PagingDep
    ) -> Page[BatchRecord]:
        """List all batches, newest first; `total` counts up to 10,000."""
        items, total = await queries.batches(session, filters, paging)
        return Page.of(items, total, paging)

    @router.get("/telemetry/batches/{batch_id}")
    async def get_batch(session: SessionDep, _: Reader, batch_id: UUID) -> BatchRecord:
        """Get the audit of one batch."""
        return await queries.batch(session, batch_id)

    @router.get("/telemetry/summary")
    async def get_telemetry_summary(session: SessionDep, _: Reader) -> TelemetrySummary:
        """Count stored readings and their devices, with the first and the last timestamp."""
        return await queries.summary(session)


def _add_readings(router: APIRouter, profile: Profile) -> None:
    readings = stored_readings_model(profile)

    @router.get("/telemetry/devices/{device_id}/readings", response_model=readings, responses=CSV_RESPONSES)
    async def list_device_readings(
        session: SessionDep,
        _: Reader,
        device_id: DevicePath,
        from_s: FromQuery = 0,
        to_s: ToQuery = MAX_INTEGER,
        limit: Limit = 500,
        kind: RowsFormatQuery = ListFormat.JSON,
    ) -> Response:
        """List the newest readings of one device of a span, oldest first."""
        found = await stored_readings.of_device(session, profile, device_id, from_s, to_s, limit)
        return _readings(found, profile, kind)

    @router.get("/telemetry/recent", response_model=readings, responses=CSV_RESPONSES)
    async def list_recent_readings(
        session: SessionDep, _: Reader, limit: Limit = 50, kind: RowsFormatQuery = ListFormat.JSON
    ) -> Response:
        """List the newest readings of the whole fleet, newest first."""
        return _readings(await stored_readings.recent(session, profile, limit), profile, kind)


def _readings(found: bytes, profile: Profile, kind: ListFormat) -> Response:
    """Stored readings as PostgreSQL wrote them, or as a table."""
    if kind is ListFormat.JSON:
        return Response(found, media_type="application/json")
    fields, spread = list(stored_reading_model(profile).model_fields), {"signals": profile.signal_names}
    return csv_response(json.loads(found)["items"], fields, name="readings", spread=spread)
