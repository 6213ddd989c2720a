"""The registry's settings: the gate's limits, promotion, the training schedule."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings

from pacewatch.kit.settings import environment

Share = Annotated[float, Field(ge=0, le=1)]


class RegistrySettings(BaseSettings):
    """Every limit is a share or a count, so the defaults suit small fleets and rare failures."""

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
    min_holdout_failures: Annotated[int, Field(ge=1)] = Field(
        3, description="smallest number of failures in a candidate's holdout"
    )
    min_roc_auc: Share = Field(
        0.60, description="smallest area under the ROC curve on the holdout, less its uncertainty"
    )
    min_lift: Annotated[float, Field(ge=1)] = Field(
        1.5, description="smallest average precision and F1, in multiples of those of random alerts"
    )
    max_alert_burden: Annotated[float, Field(ge=1)] = Field(
        3.0, description="largest share of holdout readings alerted on, in multiples of the profile's alert budget"
    )
    champion_roc_auc_margin: Share = Field(
        0.03, description="how far a candidate's ROC-AUC may be below the active model's, if its uncertainty is smaller"
    )
    check_timeout_s: Annotated[float, Field(gt=0)] = Field(
        60, description="seconds in which a candidate must load and score in its own process"
    )
