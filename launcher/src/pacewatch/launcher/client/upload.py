"""Sends a file of readings to a platform as an upload, and follows it until it ends."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pacewatch.kit.tables.findings import Finding
from pacewatch.launcher.client.connection import Connection, json_of, raise_refusal
from pacewatch.launcher.errors import UploadError

FORMATS: Final = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
UPLOADS_PATH: Final = "/api/v1/telemetry/uploads"
_CHUNK_BYTES: Final = 2**20
_POLL_S: Final = 0.5
# In a log there is no progress bar, so a line is printed instead.
_LINE_EVERY_S: Final = 10.0


def upload(
    path: Path,
    connection: Connection,
    mode: str,
    console: Console,
    rejects: Path | None = None,
    **options: str | bool,
) -> bool:
    """Send the file and follow it. Returns whether every row was good and the upload ended well.

    Rejected rows, if any, are written to `rejects`. `options` are more of the request: how the file is written, and
    `dry_run`. UploadError if the file could not be sent or followed.
    """
    file_format, rejects_format = _format_of(path), rejects and _format_of(rejects)
    with connection.open() as client:
        job = follow(client, send(client, path, file_format, mode, console, **options), console)
        if rejects and job["rejected"]:
            _download(client, f"{UPLOADS_PATH}/{job['upload_id']}/rejects?format={rejects_format}", rejects)
    return is_success(job)


def send(client: httpx.Client, path: Path, file_format: str, mode: str, console: Console, **options: str | bool) -> Any:
    """Send the file. Returns the upload's JSON."""
    size = path.stat().st_size
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("sending", total=size)
        headers = {"Content-Length": str(size)}
        body = _chunks(path, progress, task)
        query = {"format": file_format, "mode": mode, **options}
        return json_of(client.post(UPLOADS_PATH, params=query, content=body, headers=headers))


def follow(client: httpx.Client, job: Any, console: Console) -> Any:
    """Wait for the upload's end and print its result. Returns the upload's last JSON. UploadError if interrupted."""
    try:
        job = _wait_for_end(client, job, console)
    except KeyboardInterrupt:
        path = f"{client.base_url}{UPLOADS_PATH}/{job['upload_id']}"
        raise UploadError(
            f"the platform continues with the upload: see {path}, or cancel it by POST {path}/cancel"
        ) from None
    _print_result(job, str(client.base_url), console)
    return job


def is_success(job: Any) -> bool:
    """Whether the upload ended well and no row was rejected."""
    return bool(job["status"] == "done" and not job["rejected"])


def _wait_for_end(client: httpx.Client, job: Any, console: Console) -> Any:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("rows", total=job["rows_total"], completed=job["rows_done"])
        printed_s = time.monotonic()
        while job["status"] in {"queued", "running"}:
            time.sleep(_POLL_S)
            job = json_of(client.get(f"{UPLOADS_PATH}/{job['upload_id']}"))
            progress.update(task, completed=job["rows_done"], total=job["rows_total"] or _estimated_rows(job))
            if not console.is_terminal and time.monotonic() - printed_s >= _LINE_EVERY_S:
                printed_s = time.monotonic()
                console.print(f"{job['rows_done']:,} of {job['rows_total'] or _estimated_rows(job) or 0:,} rows")
    return job


def _estimated_rows(job: Any) -> int | None:
    """How many rows the file has, if the rest has rows of the same length as those done so far."""
    return int(job["rows_done"] * job["bytes_total"] / job["bytes_done"]) if job["bytes_done"] else None


def _chunks(path: Path, progress: Progress, task: TaskID) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
            progress.advance(task, len(chunk))


def _print_result(job: Any, url: str, console: Console) -> None:
    first, *others = result_lines(job)
    lines = [f"upload {job['upload_id']} {job['status']}: {first}"]
    if job["codes"]:
        lines.append("of which " + ", ".join(f"{count:,} {code}" for code, count in sorted(job["codes"].items())))
    lines += map(escape, others)
    if job["rejected"]:
        lines.append(f"the rejects: {url}{UPLOADS_PATH}/{job['upload_id']}/rejects?format=csv")
    console.print("\n".join(lines), highlight=False, soft_wrap=True)


def result_lines(job: Mapping[str, Any]) -> list[str]:
    """What an upload, its dry run or a check found, in words: the counts first, and why it was refused last."""
    counts = ", ".join(f"{job[name]:,} {name}" for name in ("accepted", "duplicates", "rejected"))
    lines = [f"{job['rows_done']:,} rows, {counts}", *(Finding(**one).words() for one in job["findings"])]
    if job["blank_rows"]:
        lines.append(f"{job['blank_rows']:,} blank rows ignored")
    if job["ignored_columns"]:
        names = ", ".join(name or "one without a name" for name in job["ignored_columns"])
        lines.append(f"columns ignored: {names}")
    if job["error"]:
        lines.append(f"refused, {job['error_code']}: {job['error']}")
    return lines


def _download(client: httpx.Client, url: str, path: Path) -> None:
    with client.stream("GET", url) as response, path.open("wb") as file:
        if response.is_error:
            response.read()
            raise_refusal(response)
        file.writelines(response.iter_bytes())


def _format_of(path: Path) -> str:
    try:
        return FORMATS[path.suffix]
    except KeyError:
        raise UploadError(f"{path.name} must end in {', '.join(FORMATS)}") from None
