"""The notes of a report: few failures, one easy mode, figures too good to be true."""

from typing import Any

import pytest

from pacewatch.ml.report.notes import notes


def figures(**changed: Any) -> dict[str, Any]:
    """Metrics of 60 failures without a weakness."""
    return {
        "holdout": {"failures": 60, "positives": 400, "devices": 90},
        "kfold": {"folds": 5},
        "origins": [{"chosen": True}],
        "judged_by": "nested origins",
        "expected_positives": 410.0,
        "caught_more_than_hand_rule": {"value": 0.5, "low": 0.4, "high": 0.6},
        "but_commonest_mode": None,
        "roc_auc": 0.9,
        "candidates": [{"failures": 30}],
        "by_mode": {"exit_block": {"failures": 60, "caught": 0.7}},
        "at_threshold": {"alert_share": 0.01},
        "budget": 0.01,
        "never": {"accuracy": 0.998},
    } | changed


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"holdout": {"failures": 12, "positives": 400, "devices": 90}}, "12 failures are few"),
        ({"caught_more_than_hand_rule": {"value": 0.1, "low": -0.1, "high": 0.3}}, "does not differ significantly"),
        ({"caught_more_than_hand_rule": {"value": -0.3, "low": -0.5, "high": -0.1}}, "should not be used"),
        ({"roc_auc": 0.997}, "readings contain the outcome"),
        ({"expected_positives": 1000.0}, "2.5 times too high"),
        ({"candidates": [{"failures": 2}]}, "The pool has too few failures (2)"),
        ({"origins": [{"chosen": False}]}, "there the default algorithm is judged"),
        ({"judged_by": "one origin, without a choice"}, "is not itself judged"),
        ({"holdout": {"failures": 60, "positives": 400, "devices": 4}}, "4 devices prove little"),
        ({"kfold": {"folds": 0, "refused": "5 folds of 4 devices"}}, "No K-fold: 5 folds of 4 devices"),
        ({"by_mode": {"lead_fracture": {"failures": 2, "caught": None}}}, "on: lead fracture"),
        ({"at_threshold": {"alert_share": 0.03}}, "alert on 3.00 %"),
        (
            {"but_commonest_mode": {"mode": "battery", "its_failures": 60, "failures": 0, "caught": None}},
            "60 of 60 failures are battery, there is no other: all figures are about that mode",
        ),
    ],
)
def test_a_weakness_has_a_note_and_a_sound_model_has_not(changed: dict[str, Any], note: str) -> None:
    assert note in " ".join(notes(figures(**changed), {}))
    assert note not in " ".join(notes(figures(), {}))


def test_the_figures_without_the_commonest_mode_are_given() -> None:
    left = {"mode": "battery", "its_failures": 40, "failures": 20, "caught": 0.3, "low": 0.1, "high": 0.5}
    area = {"roc_auc": {"value": 0.7, "low": 0.6, "high": 0.8}}
    text = " ".join(notes(figures(but_commonest_mode=left | {"intervals": area}), {}))
    assert "Without them: ROC-AUC 0.700 [0.600, 0.800], caught 0.30 [0.10, 0.50] of 20" in text


def test_outcomes_of_devices_without_readings_are_counted_and_named() -> None:
    text = " ".join(notes(figures(), {"unmatched_outcomes": {"T09": 7, "T12": 1}}))
    assert "8 outcomes are of devices without readings and count nowhere: T09 (7), T12 (1)." in text
