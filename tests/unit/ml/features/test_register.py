"""What the model sees of a device's attributes is what the register says of the moment of the reading."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacewatch.contracts.profile import SECONDS_PER_DAY, Attribute, AttributeKind
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.compute import feature_set_hash, predictor_matrix
from pacewatch.ml.features.register import UNKNOWN, Register, Timeline, predictor_of

DAY_S = SECONDS_PER_DAY
INSTALLED = Attribute("installed_at", "installed", AttributeKind.DATE, is_predictor=True)
MODEL = Attribute("model", "model", AttributeKind.TEXT, is_predictor=True, values=("a", "b"))
POWER = Attribute("power_w", "power", AttributeKind.NUMBER, is_predictor=True)


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def seen(attribute: Attribute, timeline: Timeline, *keys: tuple[int, int]) -> list[float]:
    readings = Readings.of_lists([device for device, _ in keys], [second for _, second in keys])
    return predictor_of(attribute, {attribute.name: timeline}, readings).tolist()


def test_age_is_counted_from_the_date_that_was_valid_at_the_reading() -> None:
    timeline = Timeline.of(ints(7, 7), ints(100 * DAY_S, 0), np.array([100.0 * DAY_S, 10.0 * DAY_S]))
    keys = [(7, 40 * DAY_S), (7, 100 * DAY_S - 1), (7, 100 * DAY_S), (7, 101 * DAY_S + DAY_S // 2)]
    assert seen(INSTALLED, timeline, *keys) == [30, 90 - 1 / DAY_S, 0, 1.5]


def test_what_is_not_known_is_missing() -> None:
    timeline = Timeline.of(ints(3, 7), ints(50, 0), np.array([1.0, 2.0]))
    assert np.isnan(seen(POWER, timeline, (3, 49), (2, 60), (5, 60), (9, 60))).all()
    assert seen(POWER, timeline, (3, 50), (7, 0)) == [1, 2]
    empty = Timeline.of(ints(), ints(), np.empty(0))
    assert np.isnan(seen(POWER, empty, (3, 50))).all()
    assert np.isnan(predictor_of(POWER, UNKNOWN, Readings.of_lists([1], [1]))).all()


def test_a_reading_before_the_date_of_its_device_has_no_age() -> None:
    assert np.isnan(seen(INSTALLED, Timeline.of(ints(1), ints(0), np.array([500.0])), (1, 499))).all()


def test_a_text_is_its_position_among_the_texts_the_model_knows() -> None:
    timeline = Timeline.of(ints(1, 2, 3), ints(0, 0, 0), np.array(["b", "a", "new"]))
    assert seen(MODEL, timeline, (1, 5), (2, 5)) == [1, 0]
    assert np.isnan(seen(MODEL, timeline, (3, 5))).all()


entries = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 40), st.floats(0, 1e9)), unique_by=lambda entry: entry[:2], max_size=12
)
readings = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 50)), min_size=1, max_size=20)


@given(entries, readings, st.randoms(use_true_random=False))
def test_any_order_and_batch_gives_the_bits_of_a_plain_lookup(entries, readings, random) -> None:
    def slow(device: int, second: int) -> float:
        known = [(since, value) for of, since, value in entries if of == device and since <= second]
        return max(known)[1] if known else np.nan

    random.shuffle(entries)
    columns = list(zip(*entries, strict=True)) or [(), (), ()]
    timeline = Timeline.of(ints(*columns[0]), ints(*columns[1]), np.array(columns[2], dtype=np.float64))
    whole = seen(POWER, timeline, *readings)
    np.testing.assert_array_equal(whole, [slow(*key) for key in readings])
    np.testing.assert_array_equal(whole, [seen(POWER, timeline, key)[0] for key in readings])


@pytest.fixture
def fleet() -> tuple[Readings, Register]:
    """Machines with readings in no order, and a register with a machine that was replaced."""
    rng, rows = np.random.default_rng(1), 600
    device_ids, seconds = rng.integers(0, 9, rows).tolist(), rng.integers(0, 90 * DAY_S, rows).tolist()
    keys = Readings.of_pairs(zip(device_ids, seconds, strict=True))
    signals = {signal.name: rng.uniform(signal.normal.low, signal.normal.high, len(keys)) for signal in MACHINE.signals}
    register = {
        "installed_at": Timeline.of(ints(1, 1, 4), ints(0, 50 * DAY_S, 0), np.array([0.0, 50 * DAY_S, 7.0])),
        "model": Timeline.of(ints(1, 4), ints(0, 0), np.array(["model2", "model4"])),
    }
    shuffled = rng.permutation(len(keys))
    return replace(keys, signals=signals).where(shuffled), register


def test_the_matrix_has_the_same_bits_for_a_device_alone_and_for_chosen_rows(fleet) -> None:
    readings, register = fleet
    whole = predictor_matrix(MACHINE, readings, register=register)
    assert whole.shape == (len(readings), len(MACHINE.predictors))
    assert MACHINE.predictors[-2:] == ("days_since_installed_at", "model_code")
    without = predictor_matrix(replace(MACHINE, attributes=()), readings)
    np.testing.assert_array_equal(whole[:, :-2], without)
    for device in range(9):
        chosen = readings.device_ids == device
        alone = predictor_matrix(MACHINE, readings.where(chosen), register=register)
        np.testing.assert_array_equal(whole[chosen], alone)
        np.testing.assert_array_equal(whole[chosen], predictor_matrix(MACHINE, readings, chosen, register))
        if device not in (1, 4):
            assert np.isnan(alone[:, -2:]).all()


def test_the_hash_follows_from_the_attributes_the_model_sees_and_no_others() -> None:
    bare = replace(MACHINE, attributes=())
    with_site = replace(MACHINE, attributes=(Attribute("site", "site", AttributeKind.TEXT),))
    renamed = replace(MACHINE, attributes=(*MACHINE.attributes[:1], replace(MODEL, values=("b", "a"))))
    hashes = [feature_set_hash(profile) for profile in (bare, with_site, MACHINE, renamed)]
    assert hashes[0] == hashes[1]
    assert len({*hashes[1:]}) == 3
