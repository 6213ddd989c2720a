"""The settings of ingest; the defaults fit a fleet that reports daily."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit import settings


class IngestSettings(BaseSettings):
    """Settings of this service."""

    model_config = settings.environment("PACEWATCH_INGEST_")

    clock_tolerance_s: Annotated[int, Field(ge=0, le=SECONDS_PER_DAY)] = Field(
        600, description="how far ahead of the server's clock a timestamp may be, seconds"
    )
    silence_grace_days: Annotated[int, Field(ge=0, le=3_650)] = Field(
        30, description="days after the label window until readings of a silent device are censored"
    )
    mature_every_h: Annotated[float, Field(gt=0, le=8_784)] = Field(
        24, description="hours of fleet time between two updates of labels"
    )
    late_after_cadences: Annotated[float, Field(gt=0, le=1_000)] = Field(
        1.5, description="a device is late after so many of the profile's cadences without live readings"
    )
    disconnected_after_cadences: Annotated[float, Field(gt=0, le=10_000)] = Field(
        7, description="a device is disconnected after so many of the profile's cadences without live readings"
    )
    fleet_wide_share: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.2,
        description="share of the connected fleet; if more falls silent within one cadence, the network failed",
    )
    spool_dir: Path = Field(
        Path(".pacewatch/uploads"), description="folder of uploaded files; all processes of ingest must share it"
    )
    upload_max_mib: Annotated[int, Field(ge=1, le=1_048_576)] = Field(4_096, description="largest uploaded file, MiB")
    spool_free_mib: Annotated[int, Field(ge=0, le=1_048_576)] = Field(
        1_024, description="what uploaded files leave free on their disk, MiB; beyond, uploads are refused with a 507"
    )
    open_uploads_per_sender: Annotated[int, Field(ge=1, le=10_000)] = Field(
        16, description="uploads of one sender that have not ended; more are refused with a 429"
    )
    quota_rows_per_day: Annotated[int, Field(ge=1)] = Field(
        200_000_000, description="rows that one sender may send between two midnights UTC, in batches and uploads"
    )
    quota_gib_per_day: Annotated[int, Field(ge=1)] = Field(
        256, description="GiB that one sender may send between two midnights UTC, in batches and uploads"
    )
    parser_cpu_s: Annotated[float, Field(gt=0, le=600)] = Field(
        2.5,
        description="seconds of processor time that reading a Parquet or Arrow body may take, or each 4 MiB of a file",
    )
    parser_memory_mib: Annotated[int, Field(ge=64, le=65_536)] = Field(
        512,
        description="memory that the parser of bodies, and the one of files, may use beyond what they start with, MiB",
    )
    upload_lease_s: Annotated[float, Field(gt=0, le=3_600)] = Field(
        60, description="wall seconds after which another worker takes an upload whose worker does not respond"
    )
