"""What can be set about the registry: the gate's limits, promotion, the training schedule."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings

from pacewatch.kit.settings import environment

Share = Annotated[float, Field(ge=0, le=1)]


class RegistrySettings(BaseSettings):
    """Every limit is a share or a count, so that the defaults suit a small fleet and a rare failure alike."""

    model_config = environment("PACEWATCH_REGISTRY_")

    auto_promote: bool = Field(True, description="activate a candidate that passes the gate; false: a person does")
    training_interval_h: Annotated[float, Field(ge=0)] = Field(
        24, description="hours of fleet time between scheduled trainings; 0: only when asked"
    )
    min_training_positives: Annotated[int, Field(ge=1)] = Field(
        50, description="matured positive readings without which the schedule does not ask for a training"
    )
    run_silence_s: Annotated[float, Field(gt=0)] = Field(
        900, description="wall seconds without a word of the trainer after which a running run is failed"
    )
    min_holdout_failures: Annotated[int, Field(ge=1)] = Field(
        3, description="failures a candidate must have been judged on"
    )
    min_roc_auc: Share = Field(
        0.60, description="smallest area under the ROC curve on the holdout, after what chance explains"
    )
    min_lift: Annotated[float, Field(ge=1)] = Field(
        1.5, description="smallest average precision and F1, in multiples of what alerting at random would give"
    )
    max_alert_burden: Annotated[float, Field(ge=1)] = Field(
        3.0, description="most readings alerted on in the holdout, in multiples of the profile's alert budget"
    )
    champion_roc_auc_margin: Share = Field(
        0.03, description="ROC-AUC a candidate may fall short of the active model by, beyond what chance explains"
    )
    check_timeout_s: Annotated[float, Field(gt=0)] = Field(
        60, description="seconds a candidate has to load and score in its own process"
    )
