"""The memory of windows: what it gives back, and what it forgets."""

import numpy as np

from pacewatch.inference.windows.cache import NO_TOKEN, Block, WindowCache, new_token


def block(*device_ids: int, token: int = 5, since_s: int = 100, readings: int = 4) -> Block:
    """Every device with so many readings, each of which says whose it is."""
    count = len(device_ids)
    starts = readings * np.arange(count + 1)
    values = np.repeat(np.array(device_ids, dtype=np.float64), readings)[:, None]
    return Block(np.array(device_ids), np.full(count, token), np.full(count, since_s), starts, values)


def found(cache: WindowCache, *device_ids: int, token: int = 5, since_s: int = 100) -> dict[int, list[float]]:
    asked = np.array(device_ids)
    windows = {}
    for places, counts, values in cache.find(asked, np.full(len(asked), token), np.full(len(asked), since_s)):
        ends = np.cumsum(counts).tolist()
        for device_id, begin, end in zip(asked[places].tolist(), [0, *ends], ends, strict=False):
            windows[device_id] = values[begin:end, 0].tolist()
    return windows


def test_a_window_is_found_under_its_token_alone() -> None:
    cache = WindowCache(100)
    cache.keep(block(1, 3))
    assert found(cache, 1, 2, 3, 4) == {1: [1.0] * 4, 3: [3.0] * 4}
    assert found(cache, 1, token=6) == {}


def test_a_window_that_begins_later_than_asked_is_not_found() -> None:
    cache = WindowCache(100)
    cache.keep(block(1, since_s=100))
    assert found(cache, 1, since_s=99) == {}
    assert found(cache, 1, since_s=101) == {1: [1.0] * 4}


def test_nothing_is_found_without_a_token() -> None:
    cache = WindowCache(100)
    cache.keep(block(1, token=NO_TOKEN))
    assert found(cache, 1, token=NO_TOKEN) == {}


def test_windows_of_several_batches_are_found_at_once_each_the_last_of_its_device() -> None:
    cache = WindowCache(100)
    cache.keep(block(1, 2, 5))
    cache.keep(block(2, 7, readings=3))
    assert found(cache, 1, 2, 5, 7) == {1: [1.0] * 4, 2: [2.0] * 3, 5: [5.0] * 4, 7: [7.0] * 3}


def test_a_batch_goes_once_all_its_windows_have_followers() -> None:
    cache = WindowCache(100)
    cache.keep(block(1, 2))
    cache.keep(block(1))
    assert len(cache) == 12
    cache.keep(block(2))
    assert len(cache) == 8


def test_the_batches_kept_longest_ago_go_first() -> None:
    cache = WindowCache(15)
    cache.keep(block(1, 2))
    cache.keep(block(1))
    cache.keep(block(3))
    assert list(found(cache, 1, 2, 3)) == [1, 3]
    assert len(cache) == 8


def test_a_batch_larger_than_the_memory_is_not_kept() -> None:
    cache = WindowCache(10)
    cache.keep(block(1, 2, 3))
    assert len(cache) == 0
    assert found(cache, 1, 2, 3) == {}


def test_a_dropped_window_is_not_found_and_makes_room_with_the_last_of_its_batch() -> None:
    cache = WindowCache(10)
    cache.keep(block(1, 2))
    cache.drop([1, 1, 9])
    assert found(cache, 1, 2) == {2: [2.0] * 4}
    cache.drop([2])
    assert len(cache) == 0


def test_tokens_fit_their_column_and_differ() -> None:
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(NO_TOKEN < token < 2**63 for token in tokens)
