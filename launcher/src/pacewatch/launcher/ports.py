"""TCP ports on loopback: listen on a given one or on any free one."""

import socket

from pacewatch.launcher.errors import PortTaken

LOOPBACK = "127.0.0.1"


def listening_socket(port: int = 0) -> socket.socket:
    """A socket that listens on loopback, on any free port for 0. Raises PortTaken."""
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise PortTaken(
            f"Cannot listen on port {port} ({error.strerror}): stop the process that uses it, or choose another port."
        ) from error


def free_port(port: int = 0) -> int:
    """`port` if nothing listens on it on loopback, any free port for 0. Raises PortTaken."""
    with listening_socket(port) as probe:
        return int(probe.getsockname()[1])
