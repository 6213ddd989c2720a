"""What the launcher needs to know of processes and ports beside its own."""

import ctypes
import signal
import socket
import sys
from pathlib import Path

from pacewatch.launcher.errors import PortTaken

LOOPBACK = "127.0.0.1"
_PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(by: signal.Signals = signal.SIGINT) -> None:
    """Run in a child before exec: the kernel sends it this signal should we be killed, so nothing of ours is orphaned.

    Trap: the parent is the *thread* that forked, so start such children from the main thread.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, by)


def processes_in(folder: Path) -> list[int]:
    """Ids of the live processes whose working folder is `folder`; always empty where there is no /proc."""
    return [int(entry.parent.name) for entry in Path("/proc").glob("[0-9]*/cwd") if _leads_to(entry, folder)]


def _leads_to(link: Path, folder: Path) -> bool:
    try:
        return link.readlink() == folder
    except OSError:  # gone meanwhile, or another user's
        return False


def listening_socket(port: int = 0) -> socket.socket:
    """A socket that listens on loopback, on any free port for 0; raises PortTaken."""
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise PortTaken(
            f"Cannot listen on port {port} ({error.strerror}): end what uses it or choose another."
        ) from error


def free_port(port: int = 0) -> int:
    """`port` if nobody listens on it on loopback, any free one for 0; raises PortTaken."""
    with listening_socket(port) as probe:
        return int(probe.getsockname()[1])
