"""Two things that Linux knows about processes: who their parent is, and which folder they work in."""

import ctypes
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(by: signal.Signals = signal.SIGINT) -> None:
    """Run in a child process before exec: the kernel sends it the signal `by` when its parent dies, even by `kill -9`.

    Trap: the parent is the *thread* that forked, so start such children from the main thread.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, by)


def processes_in(folder: Path) -> list[int]:
    """Ids of the running processes whose working folder is `folder`. Always empty where there is no /proc."""
    return [int(entry.parent.name) for entry in Path("/proc").glob("[0-9]*/cwd") if _links_to(entry, folder)]


def _links_to(link: Path, folder: Path) -> bool:
    try:
        return link.readlink() == folder
    except OSError:  # the process has ended, or belongs to another user
        return False
