"""The report as text: figures compared with the baselines, by failure mode and by group, and notes on their limits."""

import textwrap
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pacewatch.contracts.profile import Profile
from pacewatch.ml.evaluation.evaluate import FEWEST_FAILURES, INSUFFICIENT
from pacewatch.ml.report.notes import notes

Figures = Mapping[str, Any]

SHOWN = {
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC",
    "failures_caught": "failures caught",
    "lead_days": "median lead, days",
    "alerts_per_100_device_months": "alerts per 100 device-months",
}
WITHOUT_FAILURES = ("alerts_per_100_device_months",)
"""Figures that need no failure."""

AT_THRESHOLD = {"accuracy": "accuracy", "precision": "precision of rows", "recall": "recall of rows"}
NAME, CELL = 32, 24


def render(profile: Profile, metrics: Figures, dataset: Figures, baseline: Figures) -> str:
    """The whole report."""
    parts = (_opening(profile, metrics, dataset), _table(metrics, baseline), _modes(metrics, baseline))
    closing = ["notes:", *(line for note in notes(metrics, dataset) for line in _wrapped(note))]
    by_part = (*parts, _subgroups(metrics), _candidates(metrics), _budgets(metrics), _origins(metrics), closing)
    return "\n".join(line for part in by_part for line in [*part, ""])


def summarize(profile: Profile, metrics: Figures, dataset: Figures) -> str:
    """The report on one model, without the table that compares it with baselines."""
    closing = ["notes:", *(line for note in notes(metrics, dataset) for line in _wrapped(note))]
    parts = (_opening(profile, metrics, dataset), _subgroups(metrics), _candidates(metrics), _origins(metrics), closing)
    return "\n".join(line for part in parts for line in [*part, ""])


def _opening(profile: Profile, metrics: Figures, dataset: Figures) -> Iterator[str]:
    holdout, noun = metrics["holdout"], f"{profile.device_noun}s"
    span = _span(holdout["from_s"], holdout["to_s"])
    yield f"{dataset['rows']:,} readings of {dataset['devices']:,} {noun}, {_span(dataset['from_s'], dataset['to_s'])};"
    yield _left_out(dataset)
    yield f"judged out of time, {span}, from {len(metrics['origins'])} origins ({metrics['judged_by']}):"
    yield "each row is predicted by a fit and a choice that saw nothing newer than an embargo before its origin;"
    yield (
        f"{holdout['rows']:,} rows of {holdout['devices']:,} {noun}, failures: {holdout['failures']}; "
        f"{100 * metrics['base_rate']:.2f} % of rows come before one."
    )
    yield (
        f"Chosen by all origins, and fitted to {metrics['final_rows']:,} settled rows: "
        f"{metrics['algorithm'].replace('_', ' ')}. "
        f"At most {100 * metrics['budget']:g} % of {noun} may be alerted on per day{_of_profile(profile, metrics)}."
    )
    if profile.limits:
        yield "Hard limits, which alert even if a model says otherwise, are not judged here."
    yield f"[ ] is the 95 % interval, by resampling the {noun}."


def _of_profile(profile: Profile, metrics: Figures) -> str:
    """The budget of the profile, if another one is judged."""
    own = profile.daily_alert_budget
    return "" if own == metrics["budget"] else f", at most {100 * own:g} % by the profile"


def _left_out(dataset: Figures) -> str:
    """Readings that a user may have to repair before the figures can be trusted."""
    left_out = dict(dataset.get("left_out", {}))
    missing = dataset["dropped_from_train"]["missing_window"]
    words = [f"{count:,} {name}" for name, count in left_out.items()]
    return f"left out: {', '.join(words) or 'none'}; not trained on, too little history: {missing:,} rows;"


def _table(metrics: Figures, baseline: Figures) -> Iterator[str]:
    heads = ("model", "forest, required only", "hand rule", "always negative")
    yield " " * NAME + "".join(f"{head:>{CELL}}" for head in heads)
    enough = metrics["holdout"]["failures"] >= FEWEST_FAILURES
    for name, words in SHOWN.items():
        cells = [_cell(source["intervals"][name]) for source in (metrics, baseline, metrics["hand_rule"])]
        if not enough and name not in WITHOUT_FAILURES:
            cells = [INSUFFICIENT] * len(cells)
        yield _line(words, [*cells, _number(metrics["never"].get(name))])
    for name, words in AT_THRESHOLD.items():
        sources = (metrics, baseline, metrics["hand_rule"], metrics["never"])
        yield _line(words, [_number(source.get(name), 4) for source in sources])
    yield _line("calibration error", [_number(source["calibration_error"], 4) for source in (metrics, baseline)])


def _modes(metrics: Figures, baseline: Figures) -> Iterator[str]:
    baseline_modes = (baseline["by_mode"], metrics["hand_rule"]["by_mode"])
    if metrics["by_mode"]:
        yield f"{'caught by failure mode':{NAME}}" + "".join(
            f"{head:>{CELL}}" for head in ("model", "forest, required only", "hand rule", "failures")
        )
    for mode, figures in metrics["by_mode"].items():
        cells = [_share(of_model[mode]) for of_model in (metrics["by_mode"], *baseline_modes)]
        yield _line(f"  {mode.replace('_', ' ')}", [*cells, str(figures["failures"])])


def _subgroups(metrics: Figures) -> Iterator[str]:
    single = [f"{name} ({next(iter(groups))})" for name, groups in metrics["subgroups"].items() if len(groups) == 1]
    for name, groups in metrics["subgroups"].items():
        if len(groups) == 1:
            continue
        yield _line(f"caught by {name}", ["model", "failures", "rows"])
        for group, figures in groups.items():
            yield _line(f"  {group}", [_share(figures), str(figures["failures"]), f"{figures['rows']:,}"])
    if single:
        yield f"one group only, so nothing to compare: {', '.join(single)}"


def _candidates(metrics: Figures) -> Iterator[str]:
    yield _line("candidates, all origins", ["caught", "ROC-AUC", "PR-AUC"])
    for one in metrics["candidates"]:
        cells = [_number(one[name]) for name in ("caught", "roc_auc", "pr_auc")]
        yield _line(f"  {one['algorithm'].replace('_', ' ')}", cells)


def _origins(metrics: Figures) -> Iterator[str]:
    yield _line("by origin", ["chosen before it", "failures", "caught", "ROC-AUC", "PR-AUC"])
    for one in metrics["origins"]:
        name = one["algorithm"].replace("_", " ") if one["chosen"] else "default, uncalibrated"
        cells = [_number(one[figure]) for figure in ("failures_caught", "roc_auc", "pr_auc")]
        yield _line(f"  {_span(one['from_s'], one['to_s'])}", [name, str(one["failures"]), *cells])


def _budgets(metrics: Figures) -> Iterator[str]:
    yield _line("chosen model at other budgets", ["threshold", "caught", "alerts per 100 months"])
    for one in metrics["budgets"]:
        figures = [_number(one["failures_caught"]), _number(one["alerts_per_100_device_months"], 1)]
        yield _line(f"  {100 * one['budget']:g} % a day", [_number(one["threshold"], 4), *figures])


def _wrapped(note: str) -> list[str]:
    return textwrap.wrap(note, 116, initial_indent="  - ", subsequent_indent="    ")


def _line(name: str, cells: list[str]) -> str:
    return f"{name:{NAME}}" + "".join(f"{cell:>{CELL}}" for cell in cells)


def _cell(interval: Figures) -> str:
    value, low, high = interval["value"], interval["low"], interval["high"]
    return _number(value) if low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _share(figures: Figures) -> str:
    if figures["caught"] is None:
        return str(figures["evidence"])
    return f"{figures['caught']:.2f} [{figures['low']:.2f}, {figures['high']:.2f}]"


def _number(value: float | None, decimals: int = 3) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"


def _span(from_s: int | None, to_s: int | None) -> str:
    dates = [datetime.fromtimestamp(at_s or 0, UTC).date().isoformat() for at_s in (from_s, to_s)]
    return " to ".join(dates)
