"""Servers from Debian's packages: installed where we are root, and never left running as services of the machine."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = Path("/run/lock/pacewatch-tests-install")
POLICY = Path("/usr/sbin/policy-rc.d")


def install(package: str) -> bool:
    """Whether the package is there now. Its service is not started: it would listen on every address."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    with _alone(), _services_held_back():
        return _apt("update") and _apt("install", "--yes", "--no-install-recommends", package)


def _apt(*arguments: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.call(["apt-get", "-qq", *arguments], env=environment, stdin=subprocess.DEVNULL) == 0


@contextmanager
def _alone() -> Iterator[None]:
    """Other workers of a parallel run wait until this one has installed what it needs."""
    with LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _services_held_back() -> Iterator[None]:
    """Debian asks this file before a package starts its service; 101 means: do not."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


if __name__ == "__main__":
    missing = [package for package in sys.argv[1:] if not install(package)]
    sys.exit(f"not installed: {' '.join(missing)}" if missing else 0)
