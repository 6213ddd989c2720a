"""One fleet written in many ways gives one report and the same stored rows, or a refusal in words: `make prove-files`.

Each way is a random choice of format, types, zones, separators, index columns, names, gaps, row orders and Parquet
encodings (`support/tables/ways.py`). The first is stored by a real ingest process; every other one is uploaded to the
same table, where each of its rows must then be a duplicate of a stored one: with the same key and the same values. The
report's reader must give the same readings and failures; for a few ways a whole report is made, and all its figures are
compared. The last line is JSON:

- ways: how many were written; same: read as the same fleet by both; refused_in_words: by both, with what to do
- different: other rows or figures, or read by one and refused by the other; tracebacks: neither rows nor words
"""

import argparse
import asyncio
import io
import json
import sys
import tempfile
from contextlib import AsyncExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from load.deployment import deploy
from support.platform.processes import Platform, create_platform
from support.tables import readers, ways
from support.tables.ways import Way, any_way, outcomes, rows, write
from support.waiting import until
from unit.ml.fleet import made_up_fleet

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ml.report import report

REPORTS = 4
ENDED = {"done", "failed", "cancelled"}


async def uploaded(platform: Platform, path: Path, way: Way) -> Any:
    """What the platform says of an upload in its end; of one that is refused at once, its problem."""
    query = {
        "format": way.format,
        "mode": "backfill",
        "delimiter": way.dialect.delimiter,
        "decimal": way.dialect.decimal,
    }
    answer = await platform.client.post(platform.url("telemetry/uploads"), params=query, content=path.read_bytes())
    if answer.status_code != 202:
        return {"status": "failed", "error": answer.json()["detail"], "code": answer.status_code, "rejected": 0}
    job = answer.json()

    async def has_ended() -> bool:
        nonlocal job
        job = (await platform.get(f"telemetry/uploads/{job['upload_id']}")).raise_for_status().json()
        return job["status"] in ENDED

    await until(has_ended, timeout_s=60, every_s=0.02)
    return job


def is_same(job: Any, stored: int) -> bool:
    """Whether every row was stored already with the same values, and only a row that has a gap was left out."""
    return bool(
        job["status"] == "done"
        and job["duplicates"] == stored
        and not job["accepted"]
        and set(job["codes"]) <= {"duplicate", "missing"}
        and job["rejected"] <= 1
    )


def refusal(job: Any) -> str:
    """Why nothing was stored, in words."""
    if job["status"] == "failed":
        return str(job["error"])
    if job["rejected"] and not job["accepted"] and not job["duplicates"]:
        return "; ".join(one["message"] for one in job["findings"])
    return ""


async def compared(platform: Platform, folder: Path, chosen: list[Way]) -> dict[str, int]:
    """How many ways are the same, refused, different, or end without words."""
    expected, counts = (
        report_of(folder, Way()),
        dict.fromkeys(("same", "refused_in_words", "different", "tracebacks"), 0),
    )
    first = await uploaded(platform, write(Way(), folder, "readings", rows()), Way())
    stored = first["accepted"]
    assert stored == len(rows()), first
    for way in chosen:
        try:
            found = report_of(folder, way)
            job = await uploaded(platform, next(folder.glob("readings.*")), way)
        except Exception as error:
            outcome = "tracebacks"
            say(f"{way}: {error!r}")
        else:
            outcome = verdict(found, expected, job, stored)
        counts[outcome] += 1
        if outcome in {"different", "tracebacks"}:
            say(f"{outcome}: {way}")
    return counts


def verdict(found: readers.Read, expected: readers.Read, job: Any, stored: int) -> str:
    if found.refused and refusal(job):
        return "refused_in_words"
    return "same" if found.rows == expected.rows and is_same(job, stored) else "different"


def report_of(folder: Path, way: Way) -> readers.Read:
    """What the report's reader makes of the fleet, written in this way."""
    for old in folder.iterdir():
        old.unlink()
    write(way, folder, "readings", rows())
    write(way, folder, "outcomes", outcomes())
    return readers.report(folder, way.dialect)


def reports_differ(folder: Path, chosen: list[Way]) -> int:
    """How many whole reports have other figures than that of the plain way."""
    fleet = made_up_fleet(devices=40)
    readings = [
        {ways.DEVICE: device, "timestamp": second, **dict(zip(fleet.readings.signals, values, strict=True))}
        for (device, second), values in zip(
            fleet.readings.pairs(), np.column_stack([*fleet.readings.signals.values()]).tolist(), strict=True
        )
    ]
    failures = [{ways.DEVICE: device, "occurred_at": second} for device, second in fleet.failures.keys.pairs()]
    figures = list[Any]()
    for way in [Way(), *chosen]:
        for old in folder.iterdir():
            old.unlink()
        write(way, folder, "readings", readings)
        write(way, folder, "outcomes", failures)
        figures.append(figures_of(folder, way))
    return sum(one != figures[0] for one in figures[1:])


def figures_of(folder: Path, way: Way) -> Any:
    """Everything that a report says, but what it says of the files."""
    with tempfile.TemporaryDirectory() as out, redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
        dialect = [f"--delimiter={way.dialect.delimiter}", f"--decimal={way.dialect.decimal}"]
        if report.main(["--data", str(folder), "--out", out, "--profile", PACEMAKER.name, *dialect]):
            return said.getvalue()
        content = json.loads((Path(out) / "report.json").read_text())
    for name in ("findings", "left_out"):
        del content["dataset"][name]
    return content


def exact(rng: np.random.Generator) -> Way:
    """A way that is not refused and keeps every bit of a double."""
    while True:
        way = any_way(rng)
        keeps = way.numbers == "doubles" or way.format != "parquet"
        if keeps and way.said == "yes" and not way.must_be_refused:
            return way


async def main(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    chosen = [any_way(rng) for _ in range(count)]
    async with AsyncExitStack() as stack:
        own = await deploy(stack)
        platform = create_platform(own.settings, own.folder, ["ingest"])
        stack.push_async_callback(platform.stop)
        await platform.start()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pacewatch-ways-")))
        counts = await compared(platform, folder, chosen)
        say(f"{counts}; now {REPORTS} whole reports")
        different = reports_differ(folder, [exact(rng) for _ in range(REPORTS)])
        say(f"{different} of {REPORTS} whole reports differ")
    counts["different"] += different
    sys.stdout.write(json.dumps({"bench": "files", "ways": count, **counts}) + "\n")
    sys.exit(int(counts["different"] > 0 or counts["tracebacks"] > 0))


def say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(main(options.ways, options.seed))
