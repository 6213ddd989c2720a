"""A plan of requests, carried out by a process of its own (sender.py)."""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from load.loop.bench import Bench, BenchmarkError
from load.loop.sender import PATIENCE_S

from pacewatch.launcher.postgres.subprocesses import ending_with_parent

LANES = 5
_SCRIPT = Path(__file__).with_name("sender.py")
# The answer is one line with two numbers a request.
_LONGEST_LINE_BYTES = 2**26


@dataclass(frozen=True)
class Sent:
    """When each request was due, began and was answered: Unix seconds, one entry a request."""

    due_s: Sequence[float]
    sent_s: Sequence[float]
    answered_s: Sequence[float]

    def post_p99_ms(self) -> float:
        """From the moment a request was due, so that one that had to wait for the one before it counts in full."""
        return 1_000 * float(np.quantile(np.subtract(self.answered_s, self.due_s), 0.99, method="higher"))


@dataclass(frozen=True)
class Sender:
    """A process that is ready to send; the due moments count from its start."""

    bench: Bench
    process: asyncio.subprocess.Process
    due_s: Sequence[float]

    async def send(self, start_s: float) -> Sent:
        """Send from the Unix second `start_s` on; BenchmarkError if a request is refused or not answered."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{start_s!r} {self.bench.platform.processes['ingest'].port}\n".encode())
        last_s = max(start_s - time.time(), 0) + max(self.due_s)
        answer = json.loads(await _line(self.process, timeout_s=last_s + 2 * PATIENCE_S) or b"{}")
        if failure := answer.get("failure", "the sender has ended"):
            raise BenchmarkError(f"ingest did not take a batch: {failure}")
        return Sent([start_s + due_s for due_s in self.due_s], answer["sent_s"], answer["answered_s"])


@asynccontextmanager
async def sender(
    bench: Bench, lines: bytes, due_s: Sequence[float], batches_per_day: int, mode: str = "live"
) -> AsyncIterator[Sender]:
    """A sender of `lines`, each a request that is due so many seconds after the start."""
    bodies, plan = bench.folder / "bodies.json", bench.folder / "plan.json"
    lanes = min(LANES, batches_per_day)
    content = {
        "bodies": str(bodies),
        "path": f"/api/v1/telemetry/ingest?mode={mode}",
        "authorization": bench.platform.client.headers["Authorization"],
        "lanes": lanes,
        "lane_of": [place % batches_per_day % lanes for place in range(len(due_s))],
        "due_s": list(due_s),
    }
    bodies.write_bytes(lines)
    plan.write_text(json.dumps(content))
    process = await asyncio.create_subprocess_exec(
        *ending_with_parent([sys.executable, str(_SCRIPT), str(plan)]),
        stdin=PIPE,
        stdout=PIPE,
        limit=_LONGEST_LINE_BYTES,
    )
    try:
        if await _line(process, timeout_s=PATIENCE_S) != b"ready":
            raise BenchmarkError("the sender did not start")
        yield Sender(bench, process, due_s)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _line(process: asyncio.subprocess.Process, timeout_s: float) -> bytes:
    assert process.stdout is not None
    try:
        return (await asyncio.wait_for(process.stdout.readline(), timeout_s)).strip()
    except TimeoutError:
        raise BenchmarkError(f"the sender was not done within {timeout_s:.0f} s") from None
