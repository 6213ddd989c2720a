"""A start state: a simulated history with its outcomes, loaded into a running platform once.

The same size is the same history, row by row. Its outcomes are sent first: to record one twice changes nothing. The
rows follow as one upload under the history's own correlation id; once that is queued, the platform finishes it whatever
happens to us. So an upload of this id says that the history is there, or on its way.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
from rich.console import Console
from rich.progress import track

from pacewatch.launcher.client.upload import UPLOADS, Sender, checked, send, watch, went_well
from pacewatch.simulator.day import Day
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.dataset import make_dataset, write_dataset

# As `pipelines/generate_data.py` makes by default: the data set as published.
START: Final = datetime(2018, 1, 1, tzinfo=UTC)
DAYS, ENRICH, SEED = 1_095, 8.0, 7
# What one device brings home in that time, before it ends.
ROWS_PER_DEVICE: Final = 727
_OUTCOMES_PER_POST: Final = 1_000
_PAGE: Final = 200
# Millions of labels at once.
_JUDGEMENT_S: Final = 1_800.0


def seed(rows: int, sender: Sender, console: Console) -> bool:
    """Whether about `rows` rows of history, and what became of the devices, are there now; UploadError if not sent."""
    name = f"seed-{rows}"
    with sender.connected() as client:
        client.headers["X-Correlation-Id"] = name
        job = _known(client, name)
        if job is None:
            job = _load(client, rows, console)
        else:
            console.print(f"sent before, as upload {job['upload_id']}: {job['status']}", soft_wrap=True)
        good = went_well(watch(client, job, console))
        judged = checked(client.post("/api/v1/labels/mature", timeout=_JUDGEMENT_S))
        console.print(f"labels: {judged['counts']}", highlight=False)
    return good


def _known(client: httpx.Client, name: str) -> Any:
    """The upload that carries the history, unless it failed; None if there is none."""
    jobs = checked(client.get(UPLOADS, params={"correlation_id": name, "size": _PAGE}))["items"]
    return next((job for job in jobs if job["status"] != "failed"), None)


def _load(client: httpx.Client, rows: int, console: Console) -> Any:
    def watched(days: Iterable[Day]) -> Iterable[Day]:
        return track(days, "living through days", DAYS, console=console, disable=not console.is_terminal)

    fleet = Fleet(rows // ROWS_PER_DEVICE + 1, int(START.timestamp()), ENRICH, SEED)
    console.print(f"Simulating {DAYS} days of {rows // ROWS_PER_DEVICE + 1:,} devices")
    history = make_dataset(fleet, DAYS, watched)
    told = {"recorded": 0, "duplicates": 0}
    for part in history.outcomes.iter_slices(_OUTCOMES_PER_POST):
        report = checked(client.post("/api/v1/outcomes", json=part.to_dicts()))
        told = {count: told[count] + report[count] for count in told}
    console.print(f"outcomes: {told['recorded']:,} recorded, {told['duplicates']:,} known before", highlight=False)
    with TemporaryDirectory(prefix="pacewatch-") as folder:
        file = Path(folder) / "history.parquet"
        write_dataset(history, file)
        return send(client, file, "parquet", "backfill", console)
