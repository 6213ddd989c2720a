"""Hyperparameters that a training run may set, and their defaults."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

Algorithm = Literal["random_forest", "logistic_regression", "hist_gradient_boosting", "xgboost"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)

Count = Annotated[int, Field(strict=True, ge=1)]
Share = Annotated[float, Field(strict=True, gt=0, le=1)]

NEGATIVES: dict[Algorithm, int] = {
    "random_forest": 20,
    "logistic_regression": 50,
    "hist_gradient_boosting": 100,
    "xgboost": 100,
}
"""Sampled negatives per positive. On simulated fleets more of them changed the figures of a forest by less than their
interval, and those of boosting slightly."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names are scikit-learn's where it has one; an algorithm ignores parameters it does not use.

    `negatives_per_positive` bounds the sampled negatives (the prior is corrected for it; None: `NEGATIVES` of the
    algorithm), `boosting_iterations` is the number of boosting's small trees, `n_jobs` that of threads.
    """

    algorithm: Algorithm = "random_forest"
    n_estimators: Count = 100
    max_depth: Count | None = 14
    min_samples_leaf: Count = 5
    max_samples: Share | Count | None = 0.5
    max_features: Share | Count | Literal["sqrt", "log2"] | None = "sqrt"
    boosting_iterations: Count = 300
    learning_rate: Annotated[float, Field(strict=True, gt=0)] = 0.03
    l2_regularization: Annotated[float, Field(strict=True, ge=0)] = 5.0
    negatives_per_positive: Count | None = None
    random_state: Annotated[int, Field(strict=True, ge=0)] = 7
    n_jobs: Count = 2

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Parameters":
        """From the mapping of a request; ValueError names every unknown name, wrong type and value out of range."""
        known = {field.name for field in fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(
                f"unknown hyperparameters: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}"
            )
        try:
            TypeAdapter(cls).validate_python(dict(values))
        except ValidationError as error:
            wrong: dict[str, list[str]] = {}
            for one in error.errors(include_input=False):
                wrong.setdefault(str(one["loc"][0]), []).append(one["msg"].removeprefix("Input should be "))
            messages = (f"{name} must be {', or '.join(allowed)}" for name, allowed in wrong.items())
            raise ValueError("; ".join(messages)) from None
        return cls(**values)

    @property
    def negatives(self) -> int:
        """How many negatives to sample per positive."""
        return self.negatives_per_positive or NEGATIVES[self.algorithm]

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable, for the manifest and the run history."""
        return asdict(self)
