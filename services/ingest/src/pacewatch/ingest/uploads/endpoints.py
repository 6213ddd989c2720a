"""HTTP to calls: files in as jobs, how they stand, and what was rejected of them."""

from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from pacewatch.contracts.base import Page
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.audit import NarrowingDep
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.uploads import service, spool
from pacewatch.ingest.uploads.readers import Format
from pacewatch.ingest.uploads.schemas import RejectsFormat, UploadRecord
from pacewatch.ingest.web import Reader, TelemetryWriter
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep

PATH: Final = "/api/v1/telemetry/uploads"
ModeQuery = Annotated[Mode, Query(description="backfill stores history without scoring or alarms")]
FormatQuery = Annotated[Format, Query(alias="format", description="what the file is")]
RejectsQuery = Annotated[RejectsFormat, Query(alias="format", description="what to write")]
_FILE: Final = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_REJECTS: Final = {
    "application/x-ndjson": {"schema": {"type": "string"}},
    "text/csv": {"schema": {"type": "string"}},
}


def add_routes(router: APIRouter, settings: IngestSettings) -> None:
    """Everything under `/telemetry/uploads`."""
    _add_upload(router, settings)
    _add_reading(router)
    _add_rejects(router)


def _add_upload(router: APIRouter, settings: IngestSettings) -> None:
    body = {"requestBody": {"required": True, "content": _FILE}}

    @router.post("/telemetry/uploads", status_code=202, openapi_extra=body)
    async def upload_file(
        request: Request, session: SessionDep, actor: TelemetryWriter, kind: FormatQuery, mode: ModeQuery = Mode.LIVE
    ) -> UploadRecord:
        """Take a file of any number of readings in as a job; its rows meet the rules of a batch."""
        upload_id, address = uuid4(), request.client.host if request.client else ""
        most_bytes = settings.upload_max_mib * 2**20
        size_bytes = await spool.receive(request.stream(), settings.spool_dir, upload_id, most_bytes)
        return await service.enqueue(session, upload_id, kind, mode, size_bytes, actor.name, address)


def _add_reading(router: APIRouter) -> None:
    @router.get("/telemetry/uploads")
    async def list_uploads(
        session: SessionDep, _: Reader, narrowing: NarrowingDep, paging: PagingDep
    ) -> Page[UploadRecord]:
        """Every upload, newest first; `total` counts up to 10,000."""
        items, total = await service.records(session, narrowing, paging)
        return Page.of(items, total, paging)

    @router.get("/telemetry/uploads/{upload_id}")
    async def get_upload(session: SessionDep, _: Reader, upload_id: UUID) -> UploadRecord:
        """How one upload stands."""
        return await service.record(session, upload_id)

    @router.post("/telemetry/uploads/{upload_id}/cancel")
    async def cancel_upload(session: SessionDep, _: TelemetryWriter, upload_id: UUID) -> UploadRecord:
        """End an upload; what it has stored stays."""
        return await service.cancel(session, upload_id)


def _add_rejects(router: APIRouter) -> None:
    answers: dict[int | str, dict[str, Any]] = {
        200: {"content": _REJECTS, "description": "Rejected rows: row (from 0, as in the file), field, code, message"}
    }

    @router.get("/telemetry/uploads/{upload_id}/rejects", response_class=StreamingResponse, responses=answers)
    async def get_rejects(
        request: Request, session: SessionDep, _: Reader, upload_id: UUID, kind: RejectsQuery = RejectsFormat.NDJSON
    ) -> StreamingResponse:
        """What was rejected of an upload so far, and why; a row may have several errors."""
        pieces = await service.rejects(session, request.app.state.database, upload_id, kind)
        media_type = "text/csv" if kind is RejectsFormat.CSV else "application/x-ndjson"
        name = f'attachment; filename="rejects-{upload_id}.{kind}"'
        return StreamingResponse(pieces, media_type=media_type, headers={"Content-Disposition": name})
