"""The Parquet cache: every pulled reading, one file per month, and the watermark up to which it is complete.

Files never change: a changed month is written under a new name, and `state.json`, replaced atomically, lists the valid
files with their SHA-256. A crash leaves the old state. If a file differs from the state, the cache is damaged.
"""

import fcntl
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from pacewatch.kit.files import write_whole
from pacewatch.trainer_agent.errors import CacheDamaged

FORMAT: Final = 1
KEY: Final = ["device_id", "timestamp_s"]


@dataclass(frozen=True, slots=True)
class State:
    """`watermark`: all changes by transactions below it are cached; `files`: month -> {"name", "rows", "sha256"}."""

    watermark: int
    files: dict[str, dict[str, Any]]


EMPTY: Final = State(0, {})


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the cache in `folder` for this process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def load_state(folder: Path) -> State:
    """The state of the cache; EMPTY without a cache of this format."""
    try:
        state = json.loads((folder / "state.json").read_text())
        return State(int(state["watermark"]), dict(state["files"])) if state["format"] == FORMAT else EMPTY
    except (OSError, ValueError, KeyError, TypeError):
        return EMPTY


def read(folder: Path, state: State) -> pl.DataFrame:
    """Every cached row, sorted by device and time; CacheDamaged if a file was changed."""
    months = [_read_month(folder, file) for file in state.files.values()]
    return pl.concat(months).sort(KEY) if months else pl.DataFrame()


def upsert(folder: Path, state: State, changed: pl.DataFrame, watermark: int, explanation: Mapping[str, str]) -> State:
    """Add new rows, replace changed ones and store the watermark; durable when this returns.

    `explanation` is the metadata of the files.
    """
    files = dict(state.files)
    month = pl.from_epoch("timestamp_s", time_unit="s").dt.strftime("%Y-%m").alias("month")
    for (name,), rows in changed.with_columns(month).partition_by("month", as_dict=True, include_key=False).items():
        old = [_read_month(folder, files[name])] if name in files else []
        merged = pl.concat([*old, rows]).unique(KEY, keep="last", maintain_order=True).sort(KEY)
        files[name] = _write_month(folder, name, merged, explanation)
    new = State(watermark, dict(sorted(files.items())))
    state_json = json.dumps({"format": FORMAT, "watermark": watermark, "files": new.files})
    write_whole(folder / "state.json", state_json.encode())
    _delete_unused(folder, new)
    return new


def _read_month(folder: Path, file: dict[str, Any]) -> pl.DataFrame:
    try:
        data = (folder / file["name"]).read_bytes()
    except OSError as error:
        raise CacheDamaged(str(error)) from error
    if hashlib.sha256(data).hexdigest() != file["sha256"]:
        raise CacheDamaged(f"{file['name']} was changed after it was written")
    return pl.read_parquet(data)


def _write_month(folder: Path, month: str, rows: pl.DataFrame, explanation: Mapping[str, str]) -> dict[str, Any]:
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
    name, file = f"{month}-{stamp}.parquet", io.BytesIO()
    rows.write_parquet(file, compression="lz4", statistics=False, metadata=dict(explanation))
    write_whole(folder / name, file.getvalue())
    return {"name": name, "rows": len(rows), "sha256": hashlib.sha256(file.getvalue()).hexdigest()}


def _delete_unused(folder: Path, state: State) -> None:
    used = {file["name"] for file in state.files.values()}
    for path in folder.glob("*.parquet"):
        if path.name not in used:
            path.unlink(missing_ok=True)
