"""The registry's settings: the gate's file, promotion, the training schedule."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from pacewatch.kit.settings import environment
from pacewatch.registry import gate_file


def _readable(path: str) -> str:
    gate_file.read(path)
    return path


class RegistrySettings(BaseSettings):
    """The limits of the gate are in its file."""

    model_config = environment("PACEWATCH_REGISTRY_")

    auto_promote: bool = Field(
        True, description="activate a candidate that passes the gate; false: a person activates it"
    )
    training_interval_h: Annotated[float, Field(ge=0)] = Field(
        24, description="hours of fleet time between scheduled trainings; 0: only on request"
    )
    min_training_positives: Annotated[int, Field(ge=1)] = Field(
        50, description="smallest number of positive labels with which the schedule requests a training"
    )
    run_silence_s: Annotated[float, Field(gt=0)] = Field(
        900, description="wall seconds without progress from the trainer after which a running run is failed"
    )
    gate_file: Annotated[str, AfterValidator(_readable)] = Field(
        "", description="YAML of the promotion gate's limits; empty: the registry's own gate.yaml"
    )
    check_timeout_s: Annotated[float, Field(gt=0)] = Field(
        60, description="seconds in which a candidate must load and score in its own process"
    )
