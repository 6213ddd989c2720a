"""A child process that reads foreign bytes: it has bounds on processor time and memory, and can be killed.

A parser that hangs or swells inside a C extension holds up everything else in its process, and only the kernel can end
it. So the kernel counts: a timer of processor time for each request, a limit on address space for all of them.
"""

import asyncio
import os
import signal
import struct
import subprocess
import sys
import threading
from typing import Final

from pacewatch.ingest.parser.wire import FRAME, OUT_OF_MEMORY
from pacewatch.kit import logs

# What a child process needs of our environment; no address and no secret is in it.
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
# One arena, and large blocks are returned at once: memory is what the limit counts, and what an operator sees.
_MALLOC: Final = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "1048576", "ARROW_DEFAULT_MEMORY_POOL": "system"}
# A process that closed its pipe has ended, or is about to: so its own exit code is known.
_END_S: Final = 1.0
_MAX_REPLY_BYTES: Final = 2**28
# Only these codes say something about the request. A supervisor, or a kernel without memory, sends other signals.
_COSTLY: Final = frozenset({-signal.SIGPROF, OUT_OF_MEMORY})

log = logs.get(__name__)


class Killed(Exception):
    """The child ended before it replied, or did not reply; this says nothing about the request."""


class TooCostly(Killed):
    """The child exceeded its processor time or memory: the request would do so again."""


class KillableProcess:
    """Runs `module` on first use and again after it was killed; answers one request at a time, in order."""

    def __init__(self, module: str, greeting: bytes, memory_mib: int) -> None:
        # -P: the working folder is no place to import from.
        self._command = [sys.executable, "-P", "-m", module, str(memory_mib)]
        self._greeting = greeting
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = asyncio.Lock()
        self._starting = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Id of the child, while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    async def ask(self, request: bytes, cpu_s: float, wall_s: float) -> tuple[bytes, float]:
        """The reply to `request`, and the seconds of processor time it took.

        TooCostly if that is more than `cpu_s`, or if memory ends; Killed if the child ends for any other reason, or
        does not reply within `wall_s`; OSError if it cannot be started.
        """
        async with self._turn:
            reply = asyncio.ensure_future(asyncio.to_thread(self._exchange, request, cpu_s))
            try:
                async with asyncio.timeout(wall_s):
                    return await asyncio.shield(reply)
            except TimeoutError:
                raise Killed(f"no reply within {wall_s:g} s") from None
            finally:
                if not reply.done():
                    self.kill()
                    await asyncio.wait([reply])
                if not reply.cancelled():
                    reply.exception()

    def kill(self) -> None:
        """End the child at once; the next request starts another one."""
        with self._starting:
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """End the child and wait for it."""
        self.kill()
        self._reap()

    def _exchange(self, request: bytes, cpu_s: float) -> tuple[bytes, float]:
        """Send and receive; in a thread, because pipes block."""
        process = self._running()
        try:
            assert process.stdin is not None  # noqa: S101 - both are pipes
            assert process.stdout is not None  # noqa: S101
            process.stdin.write(FRAME.pack(len(request), cpu_s))
            process.stdin.write(request)
            process.stdin.flush()
            length, took_s = FRAME.unpack(process.stdout.read(FRAME.size))
            reply = process.stdout.read(length) if length <= _MAX_REPLY_BYTES else b""
            if len(reply) != length:
                raise EOFError
        except (OSError, EOFError, struct.error):
            code = self._reap()
            raise (TooCostly if code in _COSTLY else Killed)(f"it ended with {code}") from None
        return reply, took_s

    def _running(self) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._process is not None and self._process.poll() is None:
                return self._process
        self._reap()
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with self._starting:
            process = subprocess.Popen(self._command, env=environment | _MALLOC, **pipes)  # type: ignore[call-overload]
            self._process = process
        process.stdin.write(FRAME.pack(len(self._greeting), 0.0) + self._greeting)
        log.info("parser_started", pid=process.pid)
        return process  # type: ignore[no-any-return]

    def _reap(self) -> int | None:
        """Wait for the child, which has ended or is about to; its exit code, None if it did not start."""
        process, self._process = self._process, None
        if process is None:
            return None
        try:
            code = process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        for pipe in (process.stdin, process.stdout):
            try:
                pipe.close()  # type: ignore[union-attr]
            except OSError:  # what was not sent cannot be sent any more
                continue
        log.info("parser_ended", pid=process.pid, code=code)
        return code
