"""The parser's process: reads bodies and files. Its environment has no address and no secret.

What takes it over still has the rights of the service's user, its files and its network: this process bounds time and
memory, and is no sandbox.
Run as `python -m pacewatch.ingest.parser.child MEMORY_MIB`. It ends when its standard input does.
"""

import ctypes
import os
import pickle
import resource
import signal
import sys
import time
from collections.abc import Generator
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any, BinaryIO, Final

from pacewatch.contracts.profile import Profile
from pacewatch.ingest.parser import wire
from pacewatch.ingest.parser.wire import FRAME
from pacewatch.ingest.telemetry.bodies import check_body
from pacewatch.ingest.telemetry.checking import CheckedRows, check_chunk
from pacewatch.ingest.telemetry.rules import rules_of
from pacewatch.ingest.uploads.chunks import Source
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.tables.files.chunks import Chunk
from pacewatch.kit.tables.files.readers import read_chunks
from pacewatch.kit.tables.table import PLAIN

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class Answers:
    """Answers requests; keeps the file that is being read."""

    def __init__(self, profile: Profile) -> None:
        self._rules = rules_of(profile)
        self._file: Generator[Chunk] | None = None
        self._dialect = PLAIN

    def answer(self, request: tuple[Any, ...]) -> CheckedRows | None:
        """Checked rows, or None at the end of the file and to a request that asks for none."""
        match request:
            case ("body", body, media_type, latest_s):
                return check_body(body, media_type, self._rules, latest_s)
            case ("open", Source() as source, chunk_rows):
                self._close()
                self._dialect, position = source.dialect, (source.rows_done, source.bytes_done, chunk_rows)
                columns = self._rules.columns()
                self._file = read_chunks(source.path, source.format, columns, source.dialect, *position)
            case ("next", latest_s) if self._file is not None:
                chunk = next(self._file, None)
                return None if chunk is None else check_chunk(chunk, self._rules, latest_s, self._dialect)
            case ("close",):
                self._close()
            case _:
                raise ValueError("no such request")
        return None

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None


class _WithoutPandas(MetaPathFinder):
    """pyarrow imports pandas on first use, if it is there: seconds and tens of MiB, charged to an innocent file."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """ModuleNotFoundError for pandas."""
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)


def _limit_memory(memory_mib: int) -> None:
    """At most so much more address space than now."""
    used_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (used_bytes + memory_mib * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _give_back_memory() -> None:
    """glibc keeps what is freed between blocks that are in use: the process would stay as large as its largest work."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def _read(source: BinaryIO) -> tuple[bytes, float]:
    head = source.read(FRAME.size)
    if len(head) < FRAME.size:
        sys.exit(0)
    length, cpu_s = FRAME.unpack(head)
    return source.read(length), cpu_s


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until there are no more."""
    # The requests come from the service itself; only what is inside them is foreign.
    answers = Answers(pickle.loads(_read(source)[0]))  # noqa: S301
    while True:
        request, cpu_s = _read(source)
        # SIGPROF ends the process, also in the middle of a C function.
        began_s = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, cpu_s)
        try:
            reply = wire.packed(answers.answer(pickle.loads(request)))  # noqa: S301
        except PacewatchError as error:
            reply = wire.packed_error(error)
        except MemoryError:
            os._exit(wire.OUT_OF_MEMORY)  # at once: there may be no memory for more
        signal.setitimer(signal.ITIMER_PROF, 0)
        sink.write(FRAME.pack(len(reply), time.process_time() - began_s) + reply)
        sink.flush()
        _give_back_memory()


def main() -> None:
    """Read requests from standard input, write replies to what is standard output at the start."""
    # A supervisor may signal the whole group of the service, which ends us when it has stopped.
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    sys.meta_path.insert(0, _WithoutPandas())
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints gets between the replies
    if sys.platform == "linux":
        _limit_memory(int(sys.argv[1]))
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
