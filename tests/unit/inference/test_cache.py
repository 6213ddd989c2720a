"""The cache of windows: what it finds, and what it drops."""

import tracemalloc

import numpy as np
import pytest

from pacewatch.inference.windows.cache import NO_TOKEN, Block, WindowCache, new_token
from pacewatch.kit.columns.readings import Readings

ROOM = 2**20


def block(*device_ids: int, token: int = 5, since_s: int = 100, readings: int = 4) -> Block:
    """The same number of readings for every device; the signal `number` is the device's id."""
    count = len(device_ids)
    rows = Readings(
        np.repeat(device_ids, readings),
        np.tile(since_s + 1 + np.arange(readings), count),
        {"number": np.repeat(np.array(device_ids, dtype=np.float64), readings)},
    )
    starts = readings * np.arange(count + 1)
    return Block(np.array(device_ids), np.full(count, token), np.full(count, since_s), starts, rows)


def size_bytes(*blocks: Block) -> int:
    """The memory of a cache with these blocks."""
    cache = WindowCache(ROOM)
    for one in blocks:
        cache.store(one)
    return cache.size_bytes()


def found(cache: WindowCache, *device_ids: int, token: int = 5, since_s: int = 100) -> dict[int, list[float]]:
    """The signal of the windows that are found, by device."""
    asked = np.array(device_ids)
    windows: dict[int, list[float]] = {}
    for positions, readings in cache.find(asked, np.full(len(asked), token), np.full(len(asked), since_s)):
        assert set(readings.device_ids.tolist()) == set(asked[positions].tolist())
        for device_id in asked[positions].tolist():
            windows[device_id] = readings.signals["number"][readings.device_ids == device_id].tolist()
    return windows


def test_a_window_is_found_only_under_its_token() -> None:
    cache = WindowCache(ROOM)
    cache.store(block(1, 3))
    assert found(cache, 1, 2, 3, 4) == {1: [1.0] * 4, 3: [3.0] * 4}
    assert found(cache, 1, token=6) == {}


def test_a_window_that_begins_later_than_asked_is_not_found() -> None:
    cache = WindowCache(ROOM)
    cache.store(block(1, since_s=100))
    assert found(cache, 1, since_s=99) == {}
    assert found(cache, 1, since_s=101) == {1: [1.0] * 4}


def test_no_window_is_found_without_a_token() -> None:
    cache = WindowCache(ROOM)
    cache.store(block(1, token=NO_TOKEN))
    assert found(cache, 1, token=NO_TOKEN) == {}


def test_the_latest_window_of_each_device_is_found_in_several_blocks() -> None:
    cache = WindowCache(ROOM)
    cache.store(block(1, 2, 5))
    cache.store(block(2, 7, readings=3))
    assert found(cache, 1, 2, 5, 7) == {1: [1.0] * 4, 2: [2.0] * 3, 5: [5.0] * 4, 7: [7.0] * 3}


def test_a_window_has_all_readings_of_its_device_in_their_order() -> None:
    cache = WindowCache(ROOM)
    cache.store(block(1, 2, 5))
    ((positions, readings),) = cache.find(np.array([2, 5, 9]), np.full(3, 5), np.full(3, 100))
    assert positions.tolist() == [0, 1]
    assert readings.pairs() == [(device, second) for device in (2, 5) for second in range(101, 105)]


def test_a_block_is_dropped_when_all_its_windows_are_replaced() -> None:
    cache = WindowCache(ROOM)
    cache.store(block(1, 2))
    cache.store(block(1))
    assert len(cache) == 12
    cache.store(block(2))
    assert len(cache) == 8


def test_the_blocks_stored_longest_ago_are_dropped_first() -> None:
    cache = WindowCache(size_bytes(block(1), block(3)) + block(1).size_bytes() // 2)
    cache.store(block(1, 2))
    cache.store(block(1))
    cache.store(block(3))
    assert list(found(cache, 1, 2, 3)) == [1, 3]
    assert len(cache) == 8


def test_a_block_larger_than_the_cache_is_not_stored() -> None:
    cache = WindowCache(block(1, 2, 3).size_bytes())
    cache.store(block(1, 2, 3))
    assert len(cache) == 0
    assert found(cache, 1, 2, 3) == {}


def test_a_dropped_window_is_not_found_and_its_block_is_dropped_with_the_last() -> None:
    cache = WindowCache(ROOM)
    cache.store(block(1, 2))
    cache.drop([1, 1, 9])
    assert found(cache, 1, 2) == {2: [2.0] * 4}
    cache.drop([2])
    assert len(cache) == 0


@pytest.mark.parametrize(("devices", "readings"), [(1, 1), (1, 37), (10, 1), (1_000, 1), (1_000, 37)])
def test_the_memory_of_changing_devices_stays_below_the_limit_and_is_what_is_counted(
    devices: int, readings: int
) -> None:
    """Each block has other devices, of which a tenth comes again in the next: windows are replaced and dropped."""
    limit_bytes = 2**20
    cache, most_bytes = WindowCache(limit_bytes), 0
    tracemalloc.start()
    try:
        for number in range(4 * limit_bytes // (devices * (48 * readings + 200) + 2_000)):
            first = number * max(devices * 9 // 10, 1)
            cache.store(block(*range(first, first + devices), readings=readings))
            most_bytes = max(most_bytes, tracemalloc.get_traced_memory()[0])
        used_bytes = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert cache.size_bytes() <= limit_bytes
    assert cache.size_bytes() == pytest.approx(used_bytes, rel=0.1)
    assert most_bytes < 1.25 * limit_bytes


def test_tokens_fit_their_column_and_differ() -> None:
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(NO_TOKEN < token < 2**63 for token in tokens)
