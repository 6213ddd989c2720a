"""Hyperparameters: what a training run may set, with the defaults every run starts from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

Algorithm = Literal["random_forest", "logistic_regression", "hist_gradient_boosting"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names are scikit-learn's where it has one; an algorithm ignores what it has no use for.

    `negatives_per_positive` bounds the sampled negatives (the prior is corrected for it), `n_jobs` the threads.
    """

    algorithm: Algorithm = "random_forest"
    n_estimators: int = 150
    max_depth: int | None = 14
    min_samples_leaf: int = 5
    max_samples: float | int | None = None
    max_features: float | int | str | None = "sqrt"
    learning_rate: float = 0.05
    l2_regularization: float = 5.0
    negatives_per_positive: int = 50
    random_state: int = 7
    n_jobs: int = 2

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"algorithm must be one of {', '.join(ALGORITHMS)}, not {self.algorithm!r}")
        for name in ("n_estimators", "min_samples_leaf", "negatives_per_positive", "n_jobs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Parameters":
        """From a request's mapping; ValueError names what is unknown or out of range."""
        known = {field.name for field in fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(
                f"unknown hyperparameters: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}"
            )
        return cls(**values)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, for the manifest and the run history."""
        return asdict(self)
