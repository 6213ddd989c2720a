"""The data set: every distinct reading with its true label, in order, and the same bytes every time."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.compute import compute_features
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.dataset import DataSet, make_dataset, write_dataset
from pacewatch.simulator.sources.history import distinct_readings, true_labels

START_S, DAYS = 1_577_836_800, 150


def new_fleet() -> Fleet:
    return Fleet(250, START_S, enrich=20, seed=4)


@pytest.fixture(scope="module")
def dataset() -> DataSet:
    return make_dataset(new_fleet(), DAYS)


def test_the_columns_are_the_fifteen_published_ones_in_order(dataset: DataSet) -> None:
    assert dataset.rows.columns == [
        "patient_id",
        "timestamp",
        *PACEMAKER.signal_names,
        "target_fail_next_7d",
        *(feature.name for feature in PACEMAKER.required_features),
    ]
    assert len(dataset.rows.columns) == 15


def test_rows_are_ordered_by_timestamp_then_patient_and_unique(dataset: DataSet) -> None:
    keys = dataset.rows.select("timestamp", "patient_id")
    assert keys.equals(keys.sort("timestamp", "patient_id"))
    assert keys.n_unique() == len(keys)


def test_the_data_set_is_every_distinct_reading_that_arrived_by_the_end_of_the_last_day(dataset: DataSet) -> None:
    fleet = new_fleet()
    arrived = np.concatenate([fleet.step().readings for _ in range(DAYS)])
    assert len(dataset.rows) == len(np.unique(arrived[["device_id", "timestamp_s"]])) < len(arrived)


def test_the_label_is_a_true_failure_within_the_next_seven_days(dataset: DataSet) -> None:
    failures = dataset.truth.filter(pl.col("kind") == "failure")
    fails_s = dict(zip(failures["patient_id"], failures["occurred_at"], strict=True))
    expected = [
        int(0 < fails_s.get(device, 10**12) - timestamp_s <= 7 * 86_400)
        for device, timestamp_s in dataset.rows.select("patient_id", "timestamp").iter_rows()
    ]
    assert dataset.rows["target_fail_next_7d"].to_list() == expected
    assert sum(expected) > 50


def test_failures_after_the_last_day_label_its_rows_too(dataset: DataSet) -> None:
    end_s = START_S + DAYS * 86_400
    later_failures = dataset.truth.filter((pl.col("kind") == "failure") & (pl.col("occurred_at") > end_s))
    last_day = dataset.rows.filter(pl.col("timestamp") >= end_s - 86_400, pl.col("target_fail_next_7d") == 1)
    assert 0 < len(last_day) <= len(later_failures)


def test_death_and_transfer_do_not_label_a_row_positive() -> None:
    fleet = new_fleet()
    readings = distinct_readings(fleet.step() for _ in range(DAYS))
    left = {t.device_id for t in fleet.truth if t.kind is not OutcomeKind.FAILURE}
    assert left
    assert not true_labels(readings, fleet.truth, PACEMAKER.label)[np.isin(readings["device_id"], list(left))].any()


def test_the_feature_columns_equal_those_that_the_feature_code_computes(dataset: DataSet) -> None:
    rows = dataset.rows.sample(fraction=1.0, shuffle=True, seed=1)
    signals = {name: rows[name].to_numpy() for name in PACEMAKER.signal_names}
    features = PACEMAKER.required_features
    readings = Readings(rows["patient_id"].to_numpy(), rows["timestamp"].to_numpy(), signals)
    computed = compute_features(features, readings)
    published = rows.select(feature.name for feature in features).to_numpy()
    assert np.array_equal(published, computed, equal_nan=True)
    assert not np.isnan(published).all(axis=0).any()


def test_the_outcomes_are_only_those_reported_by_the_last_day(dataset: DataSet) -> None:
    assert dataset.outcomes.columns == ["patient_id", "kind", "occurred_at", "learnt_at", "mode"]
    assert dataset.outcomes["learnt_at"].max() < START_S + DAYS * 86_400  # type: ignore[operator]
    assert 0 < len(dataset.outcomes) < len(dataset.truth)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_the_same_arguments_write_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    written = []
    for name in ("one", "two"):
        paths = write_dataset(make_dataset(Fleet(20, START_S, 8, 4), 20), tmp_path / f"{name}{suffix}")
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]
    assert {path.name for path in tmp_path.iterdir()} >= {
        f"one{part}{suffix}" for part in ("", ".truth", ".outcomes", ".devices")
    }


def test_the_register_has_every_device_with_its_implant_date_and_lead_model() -> None:
    fleet = Fleet(400, START_S, enrich=20, seed=4, regimes=frozenset({"high-impedance-lead"}), refill=True)
    dataset = make_dataset(fleet, 80)
    assert set(dataset.rows["patient_id"]) <= set(dataset.devices["patient_id"])
    assert dataset.devices["patient_id"].n_unique() == len(dataset.devices) > 400  # the refilled ones, too
    refilled = dataset.devices.filter(pl.col("patient_id") >= 400)
    assert refilled["implanted_at"].min() > START_S  # type: ignore[operator]
    medians = dict(
        dataset.rows.join(dataset.devices, on="patient_id")
        .group_by("lead_model")
        .agg(pl.col("lead_impedance_ohms").median())
        .iter_rows()
    )
    assert medians["high impedance"] > 1.4 * medians["standard"]
