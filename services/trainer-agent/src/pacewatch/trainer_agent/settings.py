"""What can be set about the trainer."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from pacewatch.kit.settings import environment


class TrainerSettings(BaseSettings):
    """The trainer often runs on a machine of its own: an address to read from, a folder to keep what it read."""

    model_config = environment("PACEWATCH_TRAINER_")

    database_url: SecretStr = Field(
        SecretStr(""),
        description="how readings are read: a role of its own that `pacewatch migrate` lets see three views and "
        "nothing else; empty: PACEWATCH_DATABASE_URL",
    )
    cache_dir: Path = Field(Path(".pacewatch/trainer-cache"), description="Parquet cache of the readings pulled so far")
    devices_file: str = Field(
        "", description="CSV or Parquet: device, implanted_at, words such as lead_model; figures are given for each"
    )
    lease_s: Annotated[float, Field(ge=1)] = Field(
        60, description="wall seconds a run stays with a trainer that gives no sign of life"
    )
    max_attempts: Annotated[int, Field(ge=1)] = Field(3, description="starts after which a run that dies is failed")
    niceness: Annotated[int, Field(ge=0, le=19)] = Field(
        10, description="how far training steps back behind what else runs on this machine"
    )
    commit: str = Field("", description="commit of the code that trains; empty: BUILD_SOURCEVERSION, or ask git")
