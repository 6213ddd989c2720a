"""One call from readings to an evaluated model, without leaks."""

import io
import json
from dataclasses import replace

import joblib
import numpy as np
import pytest
from unit.ml.fleet import QUICK, START_S, MadeUpFleet, made_up_fleet, trained_model

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.evaluation.labels import labels_of
from pacewatch.ml.models.parameters import ALGORITHMS
from pacewatch.ml.training.train import train

KEYS = {
    "roc_auc", "pr_auc", "accuracy", "precision", "recall", "f1", "oob_score", "base_rate", "threshold",
    "confusion_matrix", "classification_report", "failures_caught", "lead_days", "alerts_per_100_device_months",
    "hand_rule", "never", "holdout", "calibration_error", "kfold", "candidates", "algorithm", "intervals",
    "origins", "judged_by", "failures_pooled", "final_rows", "calibration", "carried_over", "procedure",
    "caught_more_than_hand_rule", "f1_more_than_hand_rule",
}  # fmt: skip


def test_the_metrics_are_complete_and_json_serialisable() -> None:
    model = trained_model()
    assert set(model.metrics) >= KEYS
    json.dumps([model.metrics, model.dataset], allow_nan=False)


def test_a_visible_trend_is_found_better_than_by_the_hand_rule() -> None:
    metrics = trained_model().metrics
    assert metrics["roc_auc"] > 0.95
    assert metrics["pr_auc"] > metrics["hand_rule"]["pr_auc"] > metrics["never"]["pr_auc"]


def test_every_algorithm_is_a_candidate_and_one_is_chosen() -> None:
    metrics = trained_model().metrics
    assert len(metrics["candidates"]) == len(ALGORITHMS)
    assert metrics["algorithm"] in {candidate["algorithm"] for candidate in metrics["candidates"]}


def test_the_judged_rows_are_those_behind_the_origins() -> None:
    model = trained_model()
    spans, origins = model.dataset["spans"], model.metrics["origins"]
    assert [one["from_s"] for one in origins] == [one["judged"]["from_s"] for one in spans["origins"]]
    assert all(one["from_s"] - one["fit_to_s"] == 7 * SECONDS_PER_DAY + 1 for one in origins)
    assert sum(one["rows"] for one in origins) == model.metrics["holdout"]["rows"] == len(model.risk)
    assert model.metrics["holdout"]["from_s"] >= origins[0]["from_s"]


def test_the_model_learns_from_everything_settled() -> None:
    model, fleet = trained_model(), made_up_fleet()
    settled = (fleet.labels >= 0) & (fleet.readings.timestamps_s <= fleet.now_s - 7 * SECONDS_PER_DAY)
    assert model.dataset["spans"]["final_fit"]["to_s"] == fleet.readings.timestamps_s[settled].max()
    assert model.metrics["final_rows"] + model.dataset["dropped_from_train"]["missing_window"] == settled.sum()
    assert model.engine.trained_rows["positive"] > 1.2 * model.metrics["holdout"]["positives"]


def test_only_the_first_origin_is_judged_without_a_choice() -> None:
    metrics = trained_model().metrics
    assert [one["chosen"] for one in metrics["origins"]] == [False] + [True] * (len(metrics["origins"]) - 1)
    assert metrics["judged_by"] == "nested origins"
    assert metrics["carried_over"]["threshold"] == metrics["threshold"]


def test_the_metrics_have_the_threshold_of_the_engine() -> None:
    model = trained_model()
    assert model.engine.threshold == model.metrics["threshold"]
    assert 0 < model.engine.threshold < 1


def test_a_mode_with_too_few_failures_is_insufficient_evidence() -> None:
    fleet = made_up_fleet()
    modes = tuple("rare" if i == 0 else "exit_block" for i in range(len(fleet.failures.device_ids)))
    failures = Failures(fleet.failures.device_ids, fleet.failures.occurred_at_s, modes)
    arguments = (fleet.readings, fleet.labels, failures, fleet.now_s)
    by_mode = train(PACEMAKER, *arguments, QUICK | {"algorithm": "logistic_regression"}).metrics["by_mode"]
    assert all(figures.get("evidence") for figures in by_mode.values() if figures["failures"] < 5)


def test_shuffled_labels_give_a_roc_auc_of_chance_at_every_origin() -> None:
    """The leak test: if a future reading or label reached a feature, the ROC-AUC would be above chance."""
    fleet = made_up_fleet(160)
    labels = fleet.labels.copy()
    resolved = np.flatnonzero(labels >= 0)
    labels[resolved] = np.random.default_rng(0).permutation(labels[resolved])
    arguments = (fleet.readings, labels, fleet.failures, fleet.now_s)
    metrics = train(PACEMAKER, *arguments, QUICK | {"algorithm": "random_forest"}).metrics
    assert len(metrics["origins"]) == 5
    assert 0.42 < metrics["roc_auc"] < 0.58
    assert all(0.35 < one["roc_auc"] < 0.65 for one in metrics["origins"])


def test_nothing_newer_than_an_origin_changes_what_is_judged_before_it() -> None:
    """The leak test of fits and choices: rows planted from an origin on, which contradict all before."""
    fleet, plain = made_up_fleet(), trained_model()
    for origin in plain.metrics["origins"][1:]:
        # Labels before the origin look a horizon ahead of it, and stay as they were.
        planted = fleet.readings.timestamps_s >= origin["from_s"]
        signals = {name: np.where(planted, values[::-1], values) for name, values in fleet.readings.signals.items()}
        readings = replace(fleet.readings, signals=signals)
        labels = np.where(planted & (fleet.labels >= 0), 1 - fleet.labels, fleet.labels).astype(np.int8)
        other = train(PACEMAKER, readings, labels, fleet.failures, fleet.now_s, QUICK, folds=0)
        before = plain.holdout.keys.timestamps_s < origin["from_s"]
        assert before.any() and other.risk[before].tobytes() == plain.risk[before].tobytes()
        earlier = [one for one in plain.metrics["origins"] if one["from_s"] <= origin["from_s"]]
        for name in ("algorithm", "threshold"):  # chosen before the planted rows, that of this origin too
            assert [one[name] for one in earlier] == [one[name] for one in other.metrics["origins"]][: len(earlier)]


def noise_with_late_readings(factor: float) -> MadeUpFleet:
    """Devices whose readings are noise; an hour after its failure each sends one more, `factor` times as high.

    That row has no label, so it is in no span: it can reach a model only through a window.
    """
    rng = np.random.default_rng(8)
    devices, days = 240, 120
    device, day = (grid.ravel() for grid in np.meshgrid(np.arange(devices), np.arange(days), indexing="ij"))
    fails_on = np.where(np.arange(devices) % 2 == 0, rng.integers(20, days, devices), 10_000)
    alive = day <= fails_on[device]
    device, day = device[alive].astype(np.int64), day[alive].astype(np.int64)
    values = np.where(day == fails_on[device], factor, 1.0)
    signals = {name: values * rng.normal(5, 0.5, len(day)) for name in PACEMAKER.signal_names}
    failed = np.flatnonzero(fails_on < days).astype(np.int64)
    failures = Failures(failed, START_S + fails_on[failed] * SECONDS_PER_DAY - 3_600)
    times, now_s = START_S + day * SECONDS_PER_DAY, START_S + days * SECONDS_PER_DAY
    readings = Readings(device, times, signals)
    labels = labels_of(PACEMAKER.label, readings, failures, now_s)
    return MadeUpFleet(readings, labels, failures, now_s)


def test_readings_after_a_failure_change_no_bit_of_a_figure() -> None:
    """The other leak test: a window that reached ahead would show failures by the reading after them."""
    params = QUICK | {"algorithm": "random_forest"}
    plain, extreme = (
        train(PACEMAKER, *noise_with_late_readings(factor).rows, params, folds=0).metrics for factor in (1.0, 1_000.0)
    )
    assert plain["holdout"]["failures"] >= 10
    assert 0.35 < plain["roc_auc"] < 0.65
    assert plain == extreme


def test_figures_without_the_commonest_mode_are_given() -> None:
    fleet = made_up_fleet()
    modes = tuple("rare" if device % 8 == 0 else "exit_block" for device in fleet.failures.device_ids)
    failures = Failures(*fleet.failures[:2], modes)
    params = QUICK | {"algorithm": "logistic_regression"}
    metrics = train(PACEMAKER, *fleet.rows[:2], failures, fleet.now_s, params, folds=0).metrics
    left, held = metrics["but_commonest_mode"], metrics["holdout"]
    assert left["mode"] == "exit_block"
    assert left["failures"] == metrics["by_mode"]["rare"]["failures"] > 0
    assert left["failures"] + left["its_failures"] == held["failures"]


def test_row_order_changes_neither_the_model_nor_the_dataset_hash() -> None:
    fleet = made_up_fleet()
    order = np.lexsort((fleet.readings.device_ids, fleet.readings.timestamps_s))
    rows = (fleet.readings.where(order), fleet.labels[order])
    one, other = (
        train(PACEMAKER, *arguments, fleet.failures, fleet.now_s, QUICK | {"algorithm": "random_forest"})
        for arguments in (fleet.rows[:2], rows)
    )
    assert one.dataset["sha256"] == other.dataset["sha256"]
    assert one.engine.threshold == other.engine.threshold
    assert one.metrics == other.metrics


def test_unresolved_rows_are_used_for_windows_and_not_trained_on() -> None:
    dataset = trained_model().dataset
    assert dataset["resolved"] < dataset["rows"]
    assert sum(trained_model().engine.trained_rows.values()) < dataset["resolved"]


def test_failures_can_be_two_plain_arrays_and_progress_is_reported() -> None:
    fleet, reported = made_up_fleet(), []
    arguments = (*fleet.rows[:2], fleet.failures[:2], fleet.now_s)
    params = QUICK | {"algorithm": "logistic_regression"}
    train(PACEMAKER, *arguments, params, report_progress=lambda *step: reported.append(step))
    assert reported[0][:2] == ("features", 0) and reported[-1][:2] == ("done", 100)
    assert [percent for _, percent, _ in reported] == sorted(percent for _, percent, _ in reported)
    assert all(message for _, _, message in reported)


def test_a_training_that_continues_from_checkpoints_gives_the_same_model() -> None:
    stored: dict[str, bytes] = {}

    def checkpoint(stage, compute):
        if stage not in stored:
            buffer = io.BytesIO()
            joblib.dump(compute(), buffer)
            stored[stage] = buffer.getvalue()
        return joblib.load(io.BytesIO(stored[stage]))

    whole = trained_model()
    train(PACEMAKER, *made_up_fleet().rows, QUICK, checkpoint=checkpoint)
    assert len(stored) == len(whole.metrics["origins"]) * len(ALGORITHMS) + 3  # final fit, folds, figures
    resumed = train(PACEMAKER, *made_up_fleet().rows, QUICK, checkpoint=checkpoint)
    x = whole.holdout.x
    assert resumed.engine.predict_proba(x).tobytes() == whole.engine.predict_proba(x).tobytes()
    assert (resumed.metrics, resumed.engine.threshold) == (whole.metrics, whole.engine.threshold)


def test_training_without_failures_is_refused() -> None:
    fleet = made_up_fleet()
    nothing = Failures(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    with pytest.raises(TrainingImpossibleError) as refused:
        train(PACEMAKER, fleet.readings, np.minimum(fleet.labels, 0), nothing, fleet.now_s, QUICK)  # type: ignore[call-arg]
    assert refused.value.code == "one_class"


def test_an_unknown_parameter_is_refused_before_training() -> None:
    with pytest.raises(ValueError, match="depth"):
        train(PACEMAKER, *made_up_fleet().rows, {"depth": 3})  # type: ignore[dict-item]
