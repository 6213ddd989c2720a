"""HTTP shapes of uploads."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.uploads.readers import Format


class Status(StrEnum):
    """Where a job stands; `done`, `failed` and `cancelled` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RejectsFormat(StrEnum):
    """What a rejects file may be."""

    CSV = "csv"
    NDJSON = "ndjson"


class UploadRecord(BaseModel):
    """A file taken in as a job: accepted + duplicates + rejected = rows_done; rows stored stay, whatever its end."""

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
    rows_total: Annotated[int | None, Field(description="None as long as the file does not tell")]
    rows_done: int
    accepted: int
    duplicates: int
    rejected: int
    late: Annotated[int, Field(description="live rows among the accepted that came so long after they were measured")]
    codes: Annotated[Mapping[str, int], Field(description="how often each error code was told")]
    first_timestamp: Annotated[int | None, Field(description="oldest accepted reading, Unix seconds")]
    last_timestamp: Annotated[int | None, Field(description="newest accepted reading, Unix seconds")]
    ignored_columns: Annotated[Sequence[str], Field(description="came along and were not used")]
    error_code: str | None
    error: Annotated[str | None, Field(description="why it failed")]
