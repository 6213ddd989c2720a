"""Run the unit and integration tests at another moment and in another zone: nothing may depend on the day they run.

    python tests/clocks.py                                                  every case of CASES, one after the other
    python tests/clocks.py --when spring                                    one of them
    python tests/clocks.py --when "2027-06-30 12:00" --zone Asia/Kolkata -- -k retention

The tests, what they start, and a PostgreSQL of their own see a wall clock that Debian's libfaketime shifts; it moves on
as usual. The monotonic clock is not shifted, and RabbitMQ neither.
"""

import argparse
import asyncio
import os
import shlex
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
from servers import debian, nginx, rabbitmq
from servers.postgres import debian_binaries, open_folder

from pacewatch.launcher.postgres import cluster
from pacewatch.launcher.postgres.embedded import EmbeddedPostgres

# Some minutes before what might go wrong, so that a run sees both sides of it.
CASES = {
    "year-end": ("2027-12-31 23:50", "UTC"),
    "february": ("2027-02-28 23:50", "UTC"),
    "leap-day": ("2028-02-28 23:50", "UTC"),
    "spring": ("2027-03-28 01:50", "Europe/Berlin"),
    "autumn": ("2027-11-07 01:50", "America/New_York"),
}
TESTS = str(Path(__file__).parent)
SUITES = [f"{TESTS}/unit", f"{TESTS}/integration"]
# These wait for a duration, not for a time of the clock: libfaketime 0.9.10 need not touch these, and does it badly. An
# absolute monotonic time is refused, which is `time.sleep`; a signal handler that runs meanwhile sees the true time,
# and PostgreSQL's timeouts never come. Longer names first: a shorter one may be stored as the end of a longer.
WAITS = (
    "clock_nanosleep",
    "epoll_pwait",
    "epoll_wait",
    "nanosleep",
    "pselect",
    "usleep",
    "select",
    "ppoll",
    "sleep",
    "alarm",
    "poll",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--when", help=f"YYYY-MM-DD HH:MM in the zone, or one of: {', '.join(CASES)}")
    parser.add_argument("--zone", help="default: UTC, or the zone of the case")
    parser.add_argument("--workers", default="0", help="processes that share the tests; default: none but this one")
    parser.add_argument("pytest", nargs="*", help="for pytest, after --; default: the unit and integration tests")
    options = parser.parse_args()
    failed = []
    for when in [options.when] if options.when else CASES:
        moment, zone = CASES.get(when, (when, "UTC"))
        if asyncio.run(run(moment, options.zone or zone, options.workers, options.pytest)):
            failed.append(when)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)  # noqa: T201
    return 1 if failed else 0


async def run(moment: str, zone: str, workers: str, arguments: list[str]) -> int:
    """The tests' exit code when they begin at `moment`, wall time of `zone`, with a server that sees the same time."""
    begin = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
    library = await installed()
    options = ["-p", "support.file_times", "--numprocesses", workers]
    command = [sys.executable, "-m", "pytest", *options, *(arguments or SUITES)]
    print(f"\n{moment} {zone}: {shlex.join(command[1:])}", flush=True)  # noqa: T201
    async with AsyncExitStack() as stack:
        folder = open_folder(stack)
        shift = {
            "LD_PRELOAD": str(without_waits(library, folder)),
            "FAKETIME": f"{begin.timestamp() - time.time():+.0f}s",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": zone,
        }
        cluster.ENVIRONMENT.update(shift)
        server = await stack.enter_async_context(EmbeddedPostgres(folder, binaries=debian_binaries()))
        address = server.url.replace("+asyncpg", "")
        await adopt(address, zone)
        environment = {**os.environ, **shift, "PYTHONPATH": TESTS, "PACEWATCH_TEST_DATABASE_URL": address}
        return await asyncio.to_thread(subprocess.call, command, env=environment)


def without_waits(library: Path, folder: Path) -> Path:
    """A copy of `library` in `folder` that takes the place of no function of WAITS: their names are spoilt in it."""
    content = bytearray(library.read_bytes())
    for name in WAITS:
        exported = content.index(name.encode() + b"\0")  # the table of exported names is the first to have it
        content[exported : exported + 1] = b"_"
    copy = folder / library.name
    copy.write_bytes(content)
    return copy


async def adopt(address: str, zone: str) -> None:
    """Sessions of the tests' server begin in `zone`, as those of any server may."""
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(f"ALTER ROLE {cluster.ROLE} SET timezone = '{zone}'")
    finally:
        await connection.close()


async def installed() -> Path:
    """libfaketime. All packages that the tests would install are here as well: apt trusts no file from the future."""
    await nginx.program_installed()
    await rabbitmq.program_installed()
    if debian_binaries() is None:
        debian.install("postgresql")
    if not (found := list(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))):
        debian.install("faketime")
        found = list(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found or debian_binaries() is None:
        sys.exit("faketime and PostgreSQL are needed: on Debian, apt-get install faketime postgresql")
    return found[0]


if __name__ == "__main__":
    sys.exit(main())
