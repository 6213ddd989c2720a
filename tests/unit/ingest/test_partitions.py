"""The order in which readings are stored."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pacewatch.ingest.partitions import bounds_s, storage_order, year_of
from pacewatch.kit.columns.readings import Readings

NEW_YEAR_S = bounds_s(2026)[0]
keys = st.tuples(st.integers(0, 3), st.integers(-2, 2).map(lambda offset_s: NEW_YEAR_S + offset_s))


@given(st.lists(keys, unique=True, max_size=12))
def test_readings_are_stored_by_year_then_device_then_time(pairs: list[tuple[int, int]]) -> None:
    ids, timestamps_s = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    order = storage_order(Readings(ids, timestamps_s, {})).tolist()
    assert [pairs[place] for place in order] == sorted(pairs, key=lambda pair: (year_of(pair[1]), pair))
