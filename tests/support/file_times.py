"""A plugin of `clocks.py`: the times of files are shifted as the clock is.

libfaketime 0.9.10 does not do it where glibc is 2.33 or later, which calls `stat` by another name: a file just written
would be years old.
"""

import os
from typing import Any

SHIFT_S = float(os.environ["FAKETIME"].rstrip("s"))
_stat, _utime = os.stat, os.utime


def stat(*arguments: Any, **options: Any) -> os.stat_result:
    found = _stat(*arguments, **options)
    fields = {name: getattr(found, name) for name in dir(found) if name.startswith("st_")}
    return os.stat_result(found, fields | {"st_mtime": found.st_mtime + SHIFT_S})


def utime(path: Any, times: tuple[float, float] | None = None, **options: Any) -> None:
    if times is None:
        return _utime(path, **options)
    return _utime(path, (times[0] - SHIFT_S, times[1] - SHIFT_S), **options)


os.stat, os.utime = stat, utime  # type: ignore[assignment]
