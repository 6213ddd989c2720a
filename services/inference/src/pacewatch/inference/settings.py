"""Settings of scoring and episodes."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings

from pacewatch.kit.settings import environment


class InferenceSettings(BaseSettings):
    """PACEWATCH_INFERENCE_...; the defaults suit a fleet that sends once a day."""

    model_config = environment("PACEWATCH_INFERENCE_")

    hysteresis: Annotated[float, Field(gt=0, le=1)] = Field(
        0.7,
        description="a risk below this share of the threshold is calm; an episode closes when the horizon of its last "
        "reading that was not is over",
    )
    cooldown_days: Annotated[float, Field(ge=0)] = Field(
        0, description="days of fleet time after an episode's end before the same device can open another"
    )
    late_days: Annotated[float, Field(ge=1)] = Field(
        30, description="days of readings kept beyond the longest window, so that late readings can be scored"
    )
    rescore_devices: Annotated[int, Field(ge=1, le=10_000)] = Field(
        500, description="devices scored in one transaction after an activation, or when a model can be opened again"
    )
    retry_refused_s: Annotated[float, Field(ge=0)] = Field(
        60, description="longest pause, wall seconds, before an artifact that could not be loaded is fetched again"
    )
    cache_mib: Annotated[int, Field(ge=0, le=1_048_576)] = Field(
        128, description="memory for trailing windows, MiB; 37 daily readings of a device take some 2 KiB"
    )
