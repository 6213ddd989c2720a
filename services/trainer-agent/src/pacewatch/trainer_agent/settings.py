"""Settings of the trainer agent."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from pacewatch.kit.settings import environment

LONGEST_LEASE_S: Final = 3_600


class TrainerSettings(BaseSettings):
    """The trainer can run on a machine of its own, with its own database role and cache folder."""

    model_config = environment("PACEWATCH_TRAINER_")

    database_url: SecretStr = Field(
        SecretStr(""),
        description="PostgreSQL with the role that reads the readings: `pacewatch migrate` creates it and lets it "
        "read four views and nothing else; empty: the database and account of the service",
    )
    cache_dir: Path = Field(Path(".pacewatch/trainer-cache"), description="Parquet cache of the pulled readings")
    lease_s: Annotated[float, Field(ge=1, le=LONGEST_LEASE_S)] = Field(
        60, description="lease of a run, in wall seconds: a trainer that does not renew it loses the run"
    )
    max_attempts: Annotated[int, Field(ge=1)] = Field(
        3, description="attempts after which a run whose process dies is failed"
    )
    niceness: Annotated[int, Field(ge=0, le=19)] = Field(
        10, description="niceness of the training process: higher leaves more processor time to others"
    )
    commit: str = Field(
        "", description="commit of the code that trains; empty: BUILD_SOURCEVERSION, or of the git checkout"
    )
