"""HTTP schemas of uploads."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from pacewatch.contracts.http.times import OptionalTime
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.web import TextOptions
from pacewatch.kit.tables.files.chunks import Format


class Status(StrEnum):
    """The status of an upload; `done`, `failed` and `cancelled` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RejectsFormat(StrEnum):
    """The formats of a rejects file."""

    CSV = "csv"
    NDJSON = "ndjson"


class UploadOptions(TextOptions):
    """How an uploaded file is written, and what is to be done with its rows; the query of the request."""

    format: Annotated[Format, Field(description="format of the file")]
    mode: Annotated[Mode, Field(description="backfill stores history without scores or alerts")] = Mode.LIVE
    dry_run: Annotated[bool, Field(description="only say what would be stored, left out and refused")] = False


class UploadFinding(BaseModel):
    """What was found in some rows of a file: `line` is the first one's, from 1, and `value` its cell."""

    column: str
    code: str
    message: str
    count: int
    line: int
    value: str


class UploadRecord(BaseModel):
    """An upload: accepted + duplicates + rejected = rows_done. Stored rows stay, also if it fails or is cancelled."""

    upload_id: UUID
    format: Format
    mode: Mode
    status: Status
    received_at: datetime
    finished_at: datetime | None
    actor: str
    address: str
    correlation_id: str
    bytes_total: int
    bytes_done: int
    rows_total: Annotated[int | None, Field(description="None until it is known")]
    rows_done: int
    accepted: int
    duplicates: int
    rejected: int
    late: Annotated[int, Field(description="accepted live rows that arrived late after their timestamp")]
    codes: Annotated[Mapping[str, int], Field(description="how often each error code was reported")]
    first_reading_at: Annotated[OptionalTime, Field(description="time of the oldest accepted reading")]
    last_reading_at: Annotated[OptionalTime, Field(description="time of the newest accepted reading")]
    ignored_columns: Annotated[Sequence[str], Field(description="columns that were ignored")]
    dry_run: Annotated[bool, Field(description="nothing is stored: `accepted` rows would be, unless they are already")]
    blank_rows: Annotated[int, Field(description="rows without any value; they are not counted otherwise")]
    findings: Annotated[Sequence[UploadFinding], Field(description="what was found, by column and kind")]
    error_code: str | None
    error: Annotated[str | None, Field(description="why it failed")]
