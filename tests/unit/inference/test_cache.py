"""The memory of windows: what it gives back, and what it forgets."""

from pacewatch.inference.cache import NO_TOKEN, Window, WindowCache, new_token


def window(token: int = 5, since_s: int = 100, readings: int = 4) -> Window:
    return Window(token, since_s, readings, bytes([token]))


def test_a_window_is_found_under_its_token_alone() -> None:
    cache = WindowCache(100)
    cache.keep(1, kept := window(token=5))
    assert cache.find([(1, 5, 100), (1, 6, 100), (2, 5, 100)]) == [kept.packed, None, None]


def test_a_window_that_begins_later_than_asked_is_not_found() -> None:
    cache = WindowCache(100)
    cache.keep(1, kept := window(since_s=100))
    assert cache.find([(1, 5, 99), (1, 5, 101)]) == [None, kept.packed]


def test_nothing_is_kept_without_a_token() -> None:
    cache = WindowCache(100)
    cache.keep(1, window(token=5))
    cache.keep(1, window(token=NO_TOKEN))
    assert len(cache) == 0
    assert cache.find([(1, NO_TOKEN, 100)]) == [None]


def test_the_windows_kept_longest_ago_go_first() -> None:
    cache = WindowCache(10)
    for device_id in (1, 2, 1, 3):
        cache.keep(device_id, window(readings=4))
    found = cache.find((device_id, 5, 100) for device_id in (1, 2, 3))
    assert [packed is not None for packed in found] == [True, False, True]
    assert len(cache) == 8


def test_a_dropped_window_makes_room() -> None:
    cache = WindowCache(10)
    cache.keep(1, window(readings=8))
    cache.drop(1)
    cache.drop(1)
    assert len(cache) == 0


def test_tokens_fit_their_column_and_differ() -> None:
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(NO_TOKEN < token < 2**63 for token in tokens)
