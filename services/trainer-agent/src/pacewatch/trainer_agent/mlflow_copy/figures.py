"""Figures, dataset and origin of a run in the shapes that MLflow has for them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pacewatch.ml.artifacts.manifest import Manifest

# MLflow takes no more in one request.
MOST_METRICS: Final = 900
_BY_STEP: Final = ("threshold", "precision", "recall", "alerts_per_day")

Series = Iterator[tuple[str, float, int]]
"""Names, values and steps of metrics."""


def metrics_of(manifest: Manifest, durations_s: Mapping[str, float]) -> Series:
    """Every number of the manifest's figures, with dots for depth; folds and origins are steps of one metric."""
    yield from ((f"duration.{stage}_s", seconds, 0) for stage, seconds in durations_s.items())
    yield from _numbers("", {name: value for name, value in manifest.metrics.items() if name != "kfold"})
    for name, fold in manifest.metrics.get("kfold", {}).items():
        if isinstance(fold, dict):
            yield from ((f"kfold.{name}", value, step) for step, value in enumerate(fold.get("values", ())))
            yield from _numbers(f"kfold.{name}.", {part: fold[part] for part in ("mean", "std") if part in fold})
    for name in ("roc_auc", "pr_auc", "failures", "rows"):
        origins = enumerate(manifest.metrics.get("origins", ()))
        yield from ((f"origin.{name}", origin[name], step) for step, origin in origins if _is_number(origin.get(name)))


def candidates_of(manifest: Manifest) -> Mapping[str, float]:
    """The figures by which algorithms were compared, such as `candidate.xgboost.roc_auc`."""
    return {
        f"candidate.{one['algorithm']}.{name}": float(value)
        for one in manifest.metrics.get("candidates", ())
        for name, value in one.items()
        if _is_number(value)
    }


def dataset_of(manifest: Manifest) -> Mapping[str, str]:
    """The fields of MLflow's dataset: the rows are in the platform's database, the digest is that of their bytes."""
    columns = [{"name": name, "type": "double", "required": False} for name in manifest.features]
    described = {name: value for name, value in manifest.dataset.items() if _is_number(value)}
    return {
        "name": f"{manifest.profile}-readings",
        "digest": str(manifest.dataset.get("sha256", ""))[:36],
        "source_type": "pacewatch",
        "source": json.dumps({"view": "ingest.labelled_readings", "sha256": manifest.dataset.get("sha256")}),
        "schema": json.dumps({"mlflow_colspec": columns}),
        "profile": json.dumps(described),
    }


def _numbers(prefix: str, figures: Mapping[str, Any]) -> Series:
    for name, value in figures.items():
        key = "".join(char if char.isalnum() or char in "_.- " else "_" for char in f"{prefix}{name}")
        if _is_number(value):
            yield key, float(value), 0
        elif isinstance(value, dict):
            yield from _numbers(f"{key}.", value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
