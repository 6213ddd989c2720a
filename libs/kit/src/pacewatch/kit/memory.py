"""What glibc's allocator keeps of freed memory: by default so much that a process stays as large as its largest work.

Elsewhere these do nothing.
"""

import ctypes
import sys
from typing import Any, Final

_LIBC: Final[Any] = ctypes.CDLL(None) if sys.platform == "linux" else None
# Options of mallopt(3).
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 2**20


def limit_kept() -> None:
    """Return blocks of a MiB or more as soon as they are freed, and share arenas between threads."""
    if hasattr(_LIBC, "mallopt"):
        _LIBC.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        _LIBC.mallopt(_ARENA_MAX, 2)


def give_back() -> None:
    """Return all freed memory now."""
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)
