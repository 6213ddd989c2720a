"""Hyperparameters: what a training run may set, with the defaults every run starts from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

Algorithm = Literal["random_forest", "logistic_regression", "hist_gradient_boosting"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)

NEGATIVES: dict[Algorithm, int] = {"random_forest": 20, "logistic_regression": 50, "hist_gradient_boosting": 100}
"""On simulated fleets more of them changed a forest's figures by less than their interval, and boosting's a little."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names are scikit-learn's where it has one; an algorithm ignores what it has no use for.

    `negatives_per_positive` bounds the sampled negatives (the prior is corrected for it; None: what the algorithm can
    use in its time), `boosting_iterations` are boosting's small trees, `n_jobs` the threads.
    """

    algorithm: Algorithm = "random_forest"
    n_estimators: int = 100
    max_depth: int | None = 14
    min_samples_leaf: int = 5
    max_samples: float | int | None = 0.5
    max_features: float | int | str | None = "sqrt"
    boosting_iterations: int = 300
    learning_rate: float = 0.03
    l2_regularization: float = 5.0
    negatives_per_positive: int | None = None
    random_state: int = 7
    n_jobs: int = 2

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"algorithm must be one of {', '.join(ALGORITHMS)}, not {self.algorithm!r}")
        for name in ("n_estimators", "boosting_iterations", "min_samples_leaf", "negatives_per_positive", "n_jobs"):
            if (value := getattr(self, name)) is not None and value < 1:
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

    @property
    def negatives(self) -> int:
        """How many negatives to sample for each positive."""
        return self.negatives_per_positive or NEGATIVES[self.algorithm]

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, for the manifest and the run history."""
        return asdict(self)
