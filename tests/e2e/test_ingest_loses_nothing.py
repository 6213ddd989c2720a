"""Rows to ingest processes that are killed repeatedly: an oracle checks that none is lost or counted twice.

There are two processes of ingest, each with its relay, so that one can die while the other continues. The stored rows,
the published events, the audit and the answers to every client must agree.
`PACEWATCH_TEST_ORACLE_ROWS` sets another size, `PACEWATCH_TEST_SEED` repeats a run.
"""

import asyncio
import os
import random
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.ingest_oracle.batches import Kind
from support.ingest_oracle.oracle import Answered, Oracle, counts, differences
from support.ingest_oracle.senders import Sender
from support.ingest_oracle.workload import CLIENTS, Workload
from support.platform.ingest_processes import IngestProcesses, ingest_processes
from support.platform.killer import Killer

from pacewatch.contracts.profiles.pacemaker import PACEMAKER

pytestmark = pytest.mark.early

ROWS = int(os.environ.get("PACEWATCH_TEST_ORACLE_ROWS", "100000"))
Note = Callable[[str, str], None]
AUDIT = """
    SELECT id::text AS batch_id, received, accepted, duplicates, rejected, idempotency_key, coalesce(rows, 0) AS rows
    FROM ingest.batches
    LEFT JOIN (SELECT batch_number AS number, count(*) AS rows FROM ingest.readings GROUP BY 1) AS stored USING (number)
"""


@pytest.fixture
async def ingest(
    new_database: Callable[[], Awaitable[str]], amqp_url: str, tmp_path: Path
) -> AsyncIterator[IngestProcesses]:
    async with ingest_processes(await new_database(), amqp_url, tmp_path, ("ingest", "another ingest")) as running:
        yield running


@pytest.mark.timeout(600)  # one minute on an idle machine
async def test_ingest_loses_nothing_and_counts_nothing_twice(ingest: IngestProcesses, note: Note) -> None:
    seed = int(os.environ.get("PACEWATCH_TEST_SEED", str(secrets.randbelow(10**6))))
    note("ingest oracle", f"PACEWATCH_TEST_SEED={seed}")
    workload = Workload(seed, ROWS, int(time.time()))
    began_s = time.monotonic()
    answered, seen = await send(ingest, workload)
    elapsed_s = time.monotonic() - began_s
    oracle = Oracle(workload.started_s - PACEMAKER.late_after_s)
    oracle.check(answered)
    stored = await ingest.stored()
    assert not differences({key: values for key, (values, _) in stored.items()}, oracle.stored)
    seen += await check_events(ingest, stored)
    seen["lost answers whose rows were stored"] = await check_audit(ingest, answered, len(stored))
    seen["rows reported as duplicates after a lost answer"] = oracle.recovered
    seen |= check_mixture(workload, answered)
    figures = ", ".join(f"{count} {what}" for what, count in sorted(seen.items()))
    summary = f"{ROWS} rows in {elapsed_s:.0f} s, {len(stored)} stored; {figures}"
    note("ingest oracle", f"PACEWATCH_TEST_SEED={seed}: {summary}")


async def send(ingest: IngestProcesses, workload: Workload) -> tuple[list[list[Answered]], Counter[str]]:
    """Send everything, by eight clients at once, while the killer runs."""
    chance, seen = random.Random(workload.seed), Counter[str]()
    batches = workload.clients()
    urls = [f"http://127.0.0.1:{process.port}/api/v1/telemetry/ingest" for process in ingest.processes]
    headers = {"Authorization": ingest.platform.client.headers["Authorization"]}
    senders: list[Sender] = []

    def progress() -> float:
        return sum(len(one.batch.readings) for sender in senders for one in sender.answered) / workload.rows

    killer = Killer(ingest.processes, ingest.dsn, chance, progress)
    senders += [Sender(urls, headers, random.Random(chance.random()), seen, killer.pause) for _ in range(CLIENTS)]
    async with asyncio.timeout(480), asyncio.TaskGroup() as group:
        group.create_task(killer.run())
        for sender, own in zip(senders, batches, strict=True):
            group.create_task(sender.run(own))
    return [sender.answered for sender in senders], seen + Counter(
        {f"killed when {moment}": count for moment, count in killer.killed.items()}
    )


async def check_events(ingest: IngestProcesses, stored: dict[Any, Any]) -> Counter[str]:
    """Every stored row is in exactly one event, with its values and its batch. Repeated messages count once."""
    published, messages, events = await ingest.published()
    assert not differences(published, stored)
    repeated = messages - events
    assert repeated, "no relay was killed between the broker's confirm and its delete from the outbox"
    return Counter({"events": events, "events that were published twice": repeated})


async def check_audit(ingest: IngestProcesses, answered: Sequence[Sequence[Answered]], stored: int) -> int:
    """The audit agrees with the stored rows and the answers. Returns how many batches have lost their answer."""
    audit = {row["batch_id"]: row for row in await ingest.database.fetch(AUDIT)}
    assert all(row["accepted"] == row["rows"] for row in audit.values())
    assert sum(row["accepted"] for row in audit.values()) == stored
    assert (await ingest.platform.get("telemetry/summary")).json()["rows"] == stored
    everything = [one for client in answered for one in client]
    for one in everything:
        assert counts(audit[one.report["batch_id"]]) == counts(one.report)
    unanswered = [audit[batch_id] for batch_id in audit.keys() - {one.report["batch_id"] for one in everything}]
    assert not [row["idempotency_key"] for row in unanswered if row["idempotency_key"]]
    assert len(unanswered) <= sum(one.lost for one in everything if not one.batch.idempotency_key)
    return len(unanswered)


def check_mixture(workload: Workload, answered: Sequence[Sequence[Answered]]) -> Counter[str]:
    """The workload had the intended shares of duplicates, rows out of order and kinds of batches.

    With fewer rows, the share out of order is smaller.
    """
    reports = [one.report for client in answered for one in client]
    assert sum(report["received"] for report in reports) == workload.rows == ROWS
    duplicates = sum(report["duplicates"] for report in reports)
    assert 0.18 < duplicates / ROWS < 0.25
    assert 0.1 < workload.out_of_order / ROWS < 0.17
    assert all(workload.kinds[kind] for kind in Kind)
    return Counter({"duplicates": duplicates, "rows out of order": workload.out_of_order})
