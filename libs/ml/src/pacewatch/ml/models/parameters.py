"""Hyperparameters: what a training run may set, with the defaults every run starts from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

Algorithm = Literal["random_forest", "logistic_regression", "hist_gradient_boosting"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)

Count = Annotated[int, Field(strict=True, ge=1)]
Share = Annotated[float, Field(strict=True, gt=0, le=1)]

NEGATIVES: dict[Algorithm, int] = {"random_forest": 20, "logistic_regression": 50, "hist_gradient_boosting": 100}
"""On simulated fleets more of them changed a forest's figures by less than their interval, and boosting's a little."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names are scikit-learn's where it has one; an algorithm ignores what it has no use for.

    `negatives_per_positive` bounds the sampled negatives (the prior is corrected for it; None: what the algorithm can
    use in its time), `boosting_iterations` are boosting's small trees, `n_jobs` the threads.
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
        """From a request's mapping; ValueError names all that is unknown, of another kind or out of range."""
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
            told = (f"{name} must be {', or '.join(reasons)}" for name, reasons in wrong.items())
            raise ValueError("; ".join(told)) from None
        return cls(**values)

    @property
    def negatives(self) -> int:
        """How many negatives to sample for each positive."""
        return self.negatives_per_positive or NEGATIVES[self.algorithm]

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, for the manifest and the run history."""
        return asdict(self)
