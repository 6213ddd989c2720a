"""Sentences on what the figures of a report show, and what they do not show."""

from collections.abc import Iterator, Mapping
from typing import Any

from pacewatch.ml.evaluation.evaluate import FEWEST_FAILURES
from pacewatch.ml.training.pool import ONE_ORIGIN

Figures = Mapping[str, Any]

FEW_FAILURES = 30
"""With fewer failures the interval of a share is wider than a third."""

FEW_DEVICES = 20
MOST_NAMED = 10

TOO_GOOD_ROC_AUC = 0.99
FAR_OFF = 2.0


def notes(metrics: Figures, dataset: Figures) -> Iterator[str]:
    """The sentences, most important first."""
    failures = metrics["holdout"]["failures"]
    yield _evidence(failures)
    yield from _few_devices(metrics)
    yield from _unmatched(dataset)
    yield from _merged(dataset)
    yield from (f"{finding}." for finding in dataset.get("findings", ()))
    if failures >= FEWEST_FAILURES:
        yield from _one_mode(metrics)
        yield _compared_with_hand_rule(metrics)
        yield from _too_good(metrics)
        yield from _probabilities(metrics)
    yield from _choice(metrics)
    yield from _rare_modes(metrics)
    yield from _over_budget(metrics)
    yield (
        f"Always negative is right on {100 * metrics['never']['accuracy']:.2f} % of rows: "
        "accuracy says nothing here, look at failures caught and at alerts."
    )


def _evidence(failures: int) -> str:
    if failures == 0:
        return "No failure behind the origins, so no figure on failures caught. Add more devices, or a longer time."
    if failures < FEWEST_FAILURES:
        return f"Too few failures behind the origins ({failures}), so no figure on failures caught."
    if failures < FEW_FAILURES:
        return f"{failures} failures are few: read the intervals in brackets, not the figures."
    return f"{failures} failures: enough to compare with the hand rule; for single modes see above."


def _compared_with_hand_rule(metrics: Figures) -> str:
    more = metrics["caught_more_than_hand_rule"]
    low, high = more["low"], more["high"]
    words = f"{abs(more['value']):.2f} {'more' if more['value'] >= 0 else 'less'} of the failures"
    if low is None or high is None or low <= 0 <= high:
        return f"At the same budget the model does not differ significantly from the hand rule ({words})."
    verdict = "catches" if low > 0 else "is worse than the hand rule and should not be used: it catches"
    return f"At the same budget the model {verdict} {words} [{low:.2f}, {high:.2f}], compared with the hand rule."


def _one_mode(metrics: Figures) -> Iterator[str]:
    left = metrics["but_commonest_mode"]
    failures = metrics["holdout"]["failures"]
    if not left or 2 * left["its_failures"] < failures:
        return
    share = f"{left['its_failures']} of {failures} failures are {left['mode'].replace('_', ' ')}"
    if left["caught"] is None:
        others = f"the {left['failures']} others are too few" if left["failures"] else "there is no other"
        yield f"{share}, {others}: all figures are about that mode, and there are none on any other."
        return
    area = left["intervals"]["roc_auc"]
    yield (
        f"{share}. Without them: ROC-AUC {area['value']:.3f} [{area['low']:.3f}, {area['high']:.3f}], "
        f"caught {left['caught']:.2f} [{left['low']:.2f}, {left['high']:.2f}] of {left['failures']}."
    )


def _too_good(metrics: Figures) -> Iterator[str]:
    if (metrics["roc_auc"] or 0) > TOO_GOOD_ROC_AUC:
        yield (
            f"A ROC-AUC above {TOO_GOOD_ROC_AUC} is rare in real fleets: either one mode is easy to find, or readings "
            "contain the outcome (taken or corrected after the failure). Find out which before you use the model."
        )


def _probabilities(metrics: Figures) -> Iterator[str]:
    ratio = metrics["expected_positives"] / max(metrics["holdout"]["positives"], 1)
    if ratio > FAR_OFF or ratio < 1 / FAR_OFF:
        error = f"{ratio:.1f} times too high" if ratio > 1 else f"{1 / ratio:.1f} times too low"
        yield f"The risks are {error} on average: rank devices by them, do not read them as probabilities."


def _few_devices(metrics: Figures) -> Iterator[str]:
    devices = metrics["holdout"]["devices"]
    if devices < FEW_DEVICES:
        yield (
            f"{devices} devices prove little: the intervals resample devices, and of so few they are too narrow. "
            "Nothing here says how a device that is not among them will be ranked."
        )
    if refused := metrics["kfold"].get("refused"):
        yield f"No K-fold: {refused}."


def _unmatched(dataset: Figures) -> Iterator[str]:
    unmatched = dataset.get("unmatched_outcomes", {})
    if not unmatched:
        return
    named = ", ".join(f"{device} ({count})" for device, count in [*unmatched.items()][:MOST_NAMED])
    more = f" and {len(unmatched) - MOST_NAMED} more" if len(unmatched) > MOST_NAMED else ""
    yield f"{sum(unmatched.values())} outcomes are of devices without readings and count nowhere: {named}{more}."


def _merged(dataset: Figures) -> Iterator[str]:
    if merged := dataset.get("failures_merged"):
        yield (
            f"{merged} of {dataset['failures_given']} failures came less than a horizon after another of the same "
            "device and are the same event: a device counts one failure in each horizon."
        )


def _choice(metrics: Figures) -> Iterator[str]:
    failures = metrics["candidates"][0]["failures"]
    if failures < FEWEST_FAILURES:
        yield f"The pool has too few failures ({failures}) to choose an algorithm or to calibrate risks well."
    if any(not one["chosen"] for one in metrics["origins"]):
        yield (
            "Before the first failure that was predicted out of time nothing could be chosen: there the default "
            "algorithm is judged, its prior corrected, at the threshold that the budget gives, without any label."
        )
    if metrics["judged_by"] == ONE_ORIGIN:
        yield "The time is too short for more than that: the algorithm that was chosen is not itself judged."


def _rare_modes(metrics: Figures) -> Iterator[str]:
    rare = [mode.replace("_", " ") for mode, figures in metrics["by_mode"].items() if figures["caught"] is None]
    if rare:
        yield f"Insufficient evidence (fewer than {FEWEST_FAILURES} failures) on: {', '.join(rare)}."


def _over_budget(metrics: Figures) -> Iterator[str]:
    share, budget = metrics["at_threshold"]["alert_share"], metrics["budget"]
    if share is not None and share > 1.5 * budget:
        yield (
            f"Thresholds chosen from older origins alert on {100 * share:.2f} % of the rows, above the budget "
            f"of {100 * budget:g} %: the fleet has changed since."
        )
