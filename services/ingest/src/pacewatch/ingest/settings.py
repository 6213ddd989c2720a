"""What can be set about ingest; everything has a default that fits a fleet reporting daily."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit import settings


class IngestSettings(BaseSettings):
    """Settings of this service alone."""

    model_config = settings.environment("PACEWATCH_INGEST_")

    clock_tolerance_s: Annotated[int, Field(ge=0, le=SECONDS_PER_DAY)] = Field(
        600, description="how far ahead of the server's clock a timestamp may be, seconds"
    )
    silence_grace_days: Annotated[int, Field(ge=0, le=3_650)] = Field(
        30, description="days after the label window that a silent device may still be heard before it is censored"
    )
    mature_every_h: Annotated[float, Field(gt=0, le=8_784)] = Field(
        24, description="hours of fleet time between two judgements of the label ledger"
    )
    late_after_cadences: Annotated[float, Field(gt=0, le=1_000)] = Field(
        1.5, description="a device is late when silent for longer than so many times the profile's cadence"
    )
    disconnected_after_cadences: Annotated[float, Field(gt=0, le=10_000)] = Field(
        7, description="and disconnected when silent for longer than so many"
    )
    fleet_wide_share: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.2, description="share of the connected fleet whose falling silent within one cadence is a failure of the way"
    )
    spool_dir: Path = Field(
        Path(".pacewatch/uploads"), description="where uploaded files wait; one folder for all processes of ingest"
    )
    upload_max_mib: Annotated[int, Field(ge=1, le=1_048_576)] = Field(4_096, description="largest uploaded file, MiB")
    upload_lease_s: Annotated[float, Field(gt=0, le=3_600)] = Field(
        60, description="wall seconds after which an upload whose worker is silent goes to another"
    )
