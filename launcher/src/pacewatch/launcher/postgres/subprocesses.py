"""Two things that Linux knows about processes: who their parent is, and which folder they work in."""

import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path


def ending_with_parent(command: Sequence[str], by: signal.Signals = signal.SIGINT) -> list[str]:
    """`command`, so that the kernel sends it the signal `by` when its parent dies, even by `kill -9`.

    `setpriv` of util-linux asks for that and becomes the command. Code of ours between fork and exec could wait for
    ever for a lock that another thread held. Without `setpriv` the command is as it was, and outlives its parent.

    Trap: the parent is the *thread* that forked, so start such children from the main thread.
    """
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", by.name, *command] if setpriv else list(command)


def processes_in(folder: Path) -> list[int]:
    """Ids of the running processes whose working folder is `folder`. Always empty where there is no /proc."""
    return [int(entry.parent.name) for entry in Path("/proc").glob("[0-9]*/cwd") if _links_to(entry, folder)]


def _links_to(link: Path, folder: Path) -> bool:
    try:
        return link.readlink() == folder
    except OSError:  # the process has ended, or belongs to another user
        return False
