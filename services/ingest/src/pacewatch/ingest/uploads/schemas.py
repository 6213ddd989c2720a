"""HTTP schemas of uploads."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from pacewatch.contracts.http.times import StoredTime
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.uploads.chunks import Format


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
    first_reading_at: Annotated[StoredTime | None, Field(description="time of the oldest accepted reading")]
    last_reading_at: Annotated[StoredTime | None, Field(description="time of the newest accepted reading")]
    ignored_columns: Annotated[Sequence[str], Field(description="columns that were ignored")]
    error_code: str | None
    error: Annotated[str | None, Field(description="why it failed")]
