"""The file of the gate's limits: data that people change and review, checked against a schema."""

import hashlib
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

SHIPPED: Final = Path(__file__).with_name("gate.yaml")

Count = Annotated[int, Field(strict=True, ge=1)]
Factor = Annotated[float, Field(gt=1, allow_inf_nan=False)]


class Limits(BaseModel):
    """What gate.yaml sets; its comments say what each limit means. Every one is required."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_failures: Count
    roc_auc_above: Annotated[float, Field(ge=0, lt=1)]
    calibration_factor: Factor
    alert_burden: Factor
    threshold_factor: Factor
    least_failures_beside_active: Count


class Gate(BaseModel):
    """The limits, and the SHA-256 of the file that they are from."""

    model_config = ConfigDict(frozen=True)

    limits: Limits
    sha256: str


def read(name: str = "") -> Gate:
    """The gate in a file, or the shipped one; ValueError says what is wrong with it."""
    path = Path(name) if name else SHIPPED
    try:
        content = path.read_bytes()
        return Gate(limits=Limits.model_validate(yaml.safe_load(content)), sha256=hashlib.sha256(content).hexdigest())
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in error.errors())
        raise ValueError(f"{path} is not a gate: {'; '.join(wrong)}") from None
