"""The curves of an evaluation as PNG files, drawn from its JSON."""

from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# `Figure` without pyplot has no global state: several runs can draw at the same time, and no display is needed.


def write(metrics: dict[str, Any], folder: Path) -> list[Path]:
    """Precision and recall, alerts per day, and reliability; returns the written files."""
    folder.mkdir(parents=True, exist_ok=True)
    plots = {"precision_recall": _precision_recall, "alerts": _alerts, "reliability": _reliability}
    return [_write(draw, metrics, folder / f"{name}.png") for name, draw in plots.items()]


def _write(draw: Any, metrics: dict[str, Any], path: Path) -> Path:
    figure = Figure(figsize=(6, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    draw(axes, metrics)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    return path


def _precision_recall(axes: Any, metrics: dict[str, Any]) -> None:
    points = [point for point in metrics["curve"] if point["recall"] is not None]
    axes.plot([p["recall"] for p in points], [p["precision"] for p in points], label="model")
    rule = metrics["hand_rule"]
    axes.plot(rule["recall"], rule["precision"], "x", label="hand rule at the budget")
    axes.axhline(metrics["base_rate"], linestyle=":", color="grey", label="always negative: base rate")
    axes.set(xlabel="recall of rows before a failure", ylabel="precision", title="Precision and recall")
    axes.legend()


def _alerts(axes: Any, metrics: dict[str, Any]) -> None:
    points = [point for point in metrics["curve"] if point["threshold"] is not None]
    axes.plot([p["threshold"] for p in points], [p["alerts_per_day"] for p in points])
    axes.axvline(metrics["threshold"], linestyle=":", color="grey", label="operating threshold")
    axes.set(xlabel="threshold (risk)", ylabel="readings alerted on per day", title="Alert burden", yscale="log")
    axes.legend()


def _reliability(axes: Any, metrics: dict[str, Any]) -> None:
    predicted, observed = metrics["reliability"]["predicted"], metrics["reliability"]["observed"]
    axes.plot(predicted, observed, "o-")
    largest = max([*predicted, *observed, 1e-6])
    axes.plot([0, largest], [0, largest], linestyle=":", color="grey")
    axes.set(xlabel="predicted risk", ylabel="share that failed", title="Reliability, ten bins of equal size")
