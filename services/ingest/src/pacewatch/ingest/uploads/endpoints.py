"""HTTP endpoints of uploads: sending a file, its status, and its rejected rows."""

from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from pacewatch.contracts.base import Page
from pacewatch.ingest.audit import AuditFilterDep
from pacewatch.ingest.senders.quotas import Quotas
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.uploads import service, spool
from pacewatch.ingest.uploads.limits import OpenUploads
from pacewatch.ingest.uploads.mistakes import refuse_form, refusing_mistaken
from pacewatch.ingest.uploads.schemas import RejectsFormat, UploadOptions, UploadRecord
from pacewatch.ingest.web import Reader, TelemetryWriter, dialect_of
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, takes_body
from pacewatch.kit.http.security import client_address

OptionsQuery = Annotated[UploadOptions, Query()]
RejectsQuery = Annotated[RejectsFormat, Query(alias="format", description="format of the response")]
_FILE: Final = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_REJECTS: Final = {
    "application/x-ndjson": {"schema": {"type": "string"}},
    "text/csv": {"schema": {"type": "string"}},
}


def add_routes(router: APIRouter, settings: IngestSettings, quotas: Quotas) -> None:
    """Add the routes under `/telemetry/uploads`."""
    _add_upload(router, settings, quotas)
    _add_reading(router)
    _add_rejects(router)


def _add_upload(router: APIRouter, settings: IngestSettings, quotas: Quotas) -> None:
    body = {"requestBody": {"required": True, "content": _FILE}}
    folder = spool.Spool(settings.spool_dir, settings.upload_max_mib * 2**20, settings.spool_free_mib * 2**20)
    open_uploads = OpenUploads(settings.open_uploads_per_sender)

    @router.post("/telemetry/uploads", status_code=202, openapi_extra=body)
    @takes_body(None)
    async def upload_file(
        request: Request, session: SessionDep, actor: TelemetryWriter, options: OptionsQuery
    ) -> UploadRecord:
        """Upload a file of any number of readings, to be stored in the background by the rules of a batch."""
        upload_id, address = uuid4(), client_address(request)
        refuse_form(request.headers.get("content-type", ""))
        dialect_of(options)
        quotas.check(actor.name)
        async with open_uploads.one_more(request.app.state.database, actor.name):
            expected_bytes = int(request.headers.get("content-length", 0))
            pieces = refusing_mistaken(quotas.counted(actor.name, request.stream()), options)
            size_bytes = await spool.receive(pieces, folder, upload_id, expected_bytes)
            return await service.enqueue(session, upload_id, options, size_bytes, actor.name, address)


def _add_reading(router: APIRouter) -> None:
    @router.get("/telemetry/uploads")
    async def list_uploads(
        session: SessionDep, _: Reader, filters: AuditFilterDep, paging: PagingDep
    ) -> Page[UploadRecord]:
        """List all uploads, newest first; `total` counts up to 10,000."""
        items, total = await service.records(session, filters, paging)
        return Page.of(items, total, paging)

    @router.get("/telemetry/uploads/{upload_id}")
    async def get_upload(session: SessionDep, _: Reader, upload_id: UUID) -> UploadRecord:
        """Get the status of one upload."""
        return await service.record(session, upload_id)

    @router.post("/telemetry/uploads/{upload_id}/cancel")
    async def cancel_upload(session: SessionDep, _: TelemetryWriter, upload_id: UUID) -> UploadRecord:
        """Cancel an upload; the rows it has stored stay."""
        return await service.cancel(session, upload_id)


def _add_rejects(router: APIRouter) -> None:
    responses: dict[int | str, dict[str, Any]] = {
        200: {"content": _REJECTS, "description": "Rejected rows: row (from 0, as in the file), field, code, message"}
    }

    @router.get("/telemetry/uploads/{upload_id}/rejects", response_class=StreamingResponse, responses=responses)
    async def get_rejects(
        request: Request, session: SessionDep, _: Reader, upload_id: UUID, kind: RejectsQuery = RejectsFormat.NDJSON
    ) -> StreamingResponse:
        """Get the rows of an upload rejected so far, with their errors, the first 10,000; a row may have several."""
        pieces = await service.rejects(session, request.app.state.database, upload_id, kind)
        media_type = "text/csv" if kind is RejectsFormat.CSV else "application/x-ndjson"
        name = f'attachment; filename="rejects-{upload_id}.{kind}"'
        return StreamingResponse(pieces, media_type=media_type, headers={"Content-Disposition": name})
