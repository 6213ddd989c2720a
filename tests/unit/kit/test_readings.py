"""Readings as columns: what is chosen, sorted and found agrees with the same done row by row in Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pacewatch.kit.columns.readings import Readings

pairs = st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 5)), max_size=30)


def readings(keys) -> Readings:
    """Readings of these keys, whose one signal numbers them in the order given."""
    return Readings.of_lists([d for d, _ in keys], [s for _, s in keys], {"place": list(range(len(keys)))})


@given(pairs)
def test_sorting_is_by_device_then_time_and_keeps_the_order_of_equal_keys(keys) -> None:
    ordered = readings(keys).ordered()
    assert ordered.pairs() == sorted(keys)
    assert ordered.signals["place"].tolist() == sorted(range(len(keys)), key=lambda place: keys[place])


@given(pairs)
def test_sorted_readings_are_not_sorted_again(keys) -> None:
    ordered = readings(keys).ordered()
    assert ordered.order() is None
    assert ordered.ordered() is ordered


def test_devices_too_far_apart_for_one_number_per_key_are_sorted_all_the_same() -> None:
    keys = [(2**62, 5), (-(2**62), 9), (2**62, 1), (-(2**62), 3)]
    assert readings(keys).ordered().pairs() == sorted(keys)


@given(pairs)
def test_keys_from_pairs_are_sorted_and_unique(keys) -> None:
    assert Readings.of_pairs(keys).pairs() == sorted(set(keys))


@settings(max_examples=50)
@given(pairs.filter(bool), st.data())
def test_positions_are_those_of_a_search_among_sorted_keys(keys, data) -> None:
    stored = Readings.of_pairs(keys)
    devices = sorted({device for device, _ in keys})
    wanted = data.draw(st.lists(st.tuples(st.sampled_from(devices), st.integers(-1, 7)), min_size=1))
    asked = readings(wanted)
    before = [sum(key < pair for key in stored.pairs()) for pair in wanted]
    until = [sum(key <= pair for key in stored.pairs()) for pair in wanted]
    assert stored.positions(asked).tolist() == before
    assert stored.positions(asked, side="right").tolist() == until


@given(pairs, pairs)
def test_membership_compares_device_and_time(keys, others) -> None:
    assert readings(keys).among(readings(others)).tolist() == [key in others for key in keys]


@given(st.lists(pairs, min_size=1, max_size=4))
def test_parts_follow_each_other(parts) -> None:
    together = Readings.concatenated([readings(part) for part in parts])
    assert together.pairs() == [pair for part in parts for pair in part]
    assert together.signals["place"].tolist() == [place for part in parts for place in range(len(part))]


def test_a_mask_positions_and_a_slice_choose_rows_of_every_column() -> None:
    rows = readings([(1, 10), (2, 20), (3, 30)])
    for chosen in (np.array([True, False, True]), np.array([0, 2]), slice(0, 3, 2)):
        assert rows.where(chosen).pairs() == [(1, 10), (3, 30)]
        assert rows.where(chosen).signals["place"].tolist() == [0, 2]


def test_nothing_is_found_in_no_readings_and_no_keys_are_found_nowhere() -> None:
    some, none = readings([(1, 10)]), Readings.empty(["place"])
    assert none.positions(some).tolist() == [0]
    assert some.positions(none).tolist() == []


def test_a_signal_may_have_any_name() -> None:
    names = ["device_ids", "timestamps_s", "self"]
    assert list(Readings.of_lists([1], [2], {name: [0.5] for name in names}).signals) == names


def test_keys_and_no_readings_have_the_types_of_readings() -> None:
    assert readings([(1, 10)]).keys.signals == {}
    nothing = Readings.empty(["place"])
    assert (len(nothing), nothing.order(), nothing.pairs()) == (0, None, [])
    assert nothing.signals["place"].dtype == np.float64
