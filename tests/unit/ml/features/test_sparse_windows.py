"""Few windows are computed from gathered readings, with the bits of blocks."""

import numpy as np
import pytest

from pacewatch.ml.features import blocks, sparse_windows


@pytest.mark.parametrize("seed", range(4))
def test_windows_of_any_length_have_the_bits_of_blocks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    signals = rng.lognormal(0, 3, (400, 3))
    ends = np.sort(rng.choice(400, 60, replace=False))
    counts = [1 + (rng.random(60) * np.minimum(ends, longest)).astype(np.int64) for longest in (1, 7, 90, 400)]
    for few, many in zip(
        sparse_windows.aggregate(signals, ends, counts), blocks.aggregate(signals, ends, counts), strict=True
    ):
        for name in ("mean", "squares", "low", "high"):
            assert np.array_equal(getattr(few, name), getattr(many, name)), name


def test_one_reading_per_device_is_gathered_and_whole_histories_are_not() -> None:
    counts = [np.full(1_000, days) for days in (3, 7, 30)]
    assert sparse_windows.is_cheaper(counts, readings=37_000)
    assert not sparse_windows.is_cheaper(counts, readings=1_000)
