"""Recognises outcomes that are no events: a failure for every reading before the real one, as labels are written."""

from collections.abc import Iterable
from itertools import pairwise

RUN_LENGTH = 5
"""So many failures of one device, one cadence apart, are no failures: nothing fails every day and goes on sending."""

MOST_NAMED = 3


def label_pattern(failures: Iterable[tuple[object, int]], cadence_s: int) -> str:
    """What failures (device and Unix second of each) look like, in words; empty if they look like events."""
    times = dict[object, set[int]]()
    for device, second in failures:
        times.setdefault(device, set()).add(second)
    runs = {device: longest for device, own in times.items() if (longest := _longest_run(own, cadence_s)) >= RUN_LENGTH}
    if not runs:
        return ""
    worst = sorted(runs, key=lambda device: (-runs[device], str(device)))[:MOST_NAMED]
    named = ", ".join(f"{device} has {runs[device]} in a row" for device in worst)
    more = f" and {len(runs) - len(worst)} more devices" if len(runs) > len(worst) else ""
    return (
        f"outcomes look like labels of readings and not like events: {named}{more}, one after each cadence. "
        "Give one row for each failure, at the moment when it happened"
    )


def _longest_run(seconds: set[int], cadence_s: int) -> int:
    """The most times in a row that are at most one and a half cadences apart."""
    longest = run = 1
    for earlier, later in pairwise(sorted(seconds)):
        run = run + 1 if later - earlier <= 1.5 * cadence_s else 1
        longest = max(longest, run)
    return longest
